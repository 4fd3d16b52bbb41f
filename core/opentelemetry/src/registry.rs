//! Finds a span of this process by the ids in a context: a `Context` hides its span.
//!
//! A forked child has a registry of its own, which begins with what could be read of its parent's: a
//! lock that a thread of the parent held at that moment is never released in the child.
//!
//! An entry lives as long as an owner or a view of the span whose context was asked for. Entries are
//! dropped after unlocking, because dropping the last handle of a trace may send it.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    hash::{BuildHasherDefault, Hasher},
    process,
    sync::{LazyLock, Mutex, MutexGuard, TryLockError},
};

use packdog_api::{
    Baggage, Span, SpanId, TraceId,
    internal::{PerProcess, lock},
};

static REGISTRY: LazyLock<PerProcess<Registry>> = LazyLock::new(PerProcess::default);

/// The number of locks: a power of two.
const SHARDS: usize = 32;

#[derive(Debug, Default)]
struct Registry {
    shards: [Mutex<Shard>; SHARDS],
}

type Shard = HashMap<SpanId, ListedSpan, BuildHasherDefault<IdHasher>>;

#[derive(Clone, Debug)]
struct ListedSpan {
    /// The number of owners and views.
    count: usize,
    span: Span,
    /// The baggage that contexts of the span were given.
    given: Baggage,
}

impl Registry {
    /// Returns the registry of the running process.
    fn current() -> &'static Self {
        REGISTRY.inherited(process::id(), Self::copied)
    }

    /// Returns the part of an id.
    fn shard(&self, id: SpanId) -> Option<MutexGuard<'_, Shard>> {
        let index = id.to_u64() as usize % SHARDS;
        self.shards.get(index).map(lock)
    }

    /// Returns a copy for a forked child, without the parts that its parent held.
    fn copied(&self) -> Self {
        let copy = Self::default();
        for (from, to) in self.shards.iter().zip(&copy.shards) {
            match from.try_lock() {
                Ok(shard) => lock(to).clone_from(&shard),
                Err(TryLockError::Poisoned(shard)) => lock(to).clone_from(shard.get_ref()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        copy
    }

    fn find(&self, trace_id: TraceId, id: SpanId) -> Option<Span> {
        let shard = self.shard(id)?;
        let span = &shard.get(&id)?.span;
        (span.trace_id() == Some(trace_id)).then(|| span.clone())
    }

    fn list(&self, id: SpanId, span: &Span) -> Option<()> {
        match self.shard(id)?.entry(id) {
            Entry::Occupied(mut listed) => listed.get_mut().count += 1,
            Entry::Vacant(vacant) => {
                vacant.insert(ListedSpan { count: 1, span: span.clone(), given: Baggage::new() });
            }
        }
        Some(())
    }
}

/// Keeps a span listed.
pub(crate) struct Listing(SpanId);

impl Listing {
    /// Lists a span; `None` if it does not record.
    pub(crate) fn of(span: &Span) -> Option<Self> {
        let id = span.span_id().filter(|_| span.is_recording())?;
        Registry::current().list(id, span)?;
        Some(Self(id))
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        let unlisted = Registry::current().shard(self.0).and_then(|mut shard| {
            let listed = shard.get_mut(&self.0)?;
            listed.count -= 1;
            if listed.count == 0 { shard.remove(&self.0) } else { None }
        });
        drop(unlisted);
    }
}

/// Returns the span of these ids, if an owner or a view of it is alive.
pub(crate) fn find(trace_id: TraceId, id: SpanId) -> Option<Span> {
    Registry::current().find(trace_id, id)
}

/// Returns the baggage that contexts of this span were given last.
pub(crate) fn given(id: SpanId) -> Baggage {
    let shard = Registry::current().shard(id);
    let listed = shard.as_ref().and_then(|shard| shard.get(&id));
    listed.map(|listed| listed.given.clone()).unwrap_or_default()
}

/// Notes the baggage that a context of this listed span is given.
pub(crate) fn set_given(id: SpanId, baggage: Baggage) {
    let replaced = Registry::current().shard(id).and_then(|mut shard| {
        let given = &mut shard.get_mut(&id)?.given;
        Some(std::mem::replace(given, baggage))
    });
    drop(replaced);
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listing({})", self.0)
    }
}

/// Ids are random already.
#[derive(Clone, Copy, Debug, Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, id: u64) {
        // The table takes the top bits for its tags and the low bits for its places, and ours have
        // a zero on top.
        self.0 = id.rotate_left(32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use packdog::test_util;

    use super::*;

    fn spans() -> (test_util::Collector, Vec<(TraceId, SpanId, Span)>) {
        let collector = test_util::Collector::new(&packdog::Config::new());
        let spans = (0..100).map(|_| collector.tracer().span("listed").start().handle());
        let listed = spans.map(|span| (span.trace_id().unwrap(), span.span_id().unwrap(), span));
        let listed = listed.collect();
        (collector, listed)
    }

    #[test]
    fn a_forked_child_begins_with_what_its_parent_did_not_hold() {
        let (_collector, spans) = spans();
        let parent = Registry::default();
        for (_, id, span) in &spans {
            parent.list(*id, span);
        }
        let (_, held, _) = spans.first().unwrap();
        let _never_released = parent.shard(*held);
        let child = parent.copied();
        for (trace_id, id, span) in &spans {
            let is_held = (id.to_u64() ^ held.to_u64()) % SHARDS as u64 == 0;
            assert_eq!(child.find(*trace_id, *id).is_none(), is_held);
            child.list(*id, span);
            assert!(child.find(*trace_id, *id).is_some());
        }
    }

    /// The threads of a child wait for each other, as those of its parent do.
    #[test]
    fn a_span_is_found_while_another_thread_holds_its_part() {
        let (_collector, spans) = spans();
        let (trace_id, id, span) = spans.first().unwrap();
        let child = Registry::default().copied();
        child.list(*id, span);
        let held = child.shard(*id);
        let (began, begun) = channel();
        std::thread::scope(|threads| {
            let found = threads.spawn(|| {
                began.send(()).unwrap();
                child.find(*trace_id, *id).is_some()
            });
            begun.recv().unwrap();
            drop(held);
            assert!(found.join().unwrap());
        });
    }
}
