//! Finds a span of this process by the ids in a context: a `Context` hides its span.
//!
//! A forked child has a registry of its own, which begins with what could be read of its parent's: a
//! lock that a thread of the parent held at that moment is never released in the child.
//!
//! An entry lives as long as an owner or a view of the span whose context was asked for. Entries are
//! dropped after unlocking, because dropping the last handle of a trace may send it.

use std::{
    fmt,
    sync::{LazyLock, Mutex, TryLockError},
};

use packdog_api::{
    Baggage, Span, SpanId, TraceId,
    internal::{PerProcess, lock, lock_of, process_id},
};

static REGISTRIES: LazyLock<Registries> = LazyLock::new(PerProcess::default);

/// The number of locks: a power of two, with few spans in each part.
const SHARDS: usize = 256;

/// The spans of a part that need no allocation of their own.
const USUAL_SPANS: usize = 2;

#[derive(Debug)]
struct Registry {
    shards: Box<[Mutex<Shard>]>,
}

/// A part of the spans, in any order. Ids are random, so that a part of even a hundred thousand spans
/// has about 400; the one or two of usual times take half of the instructions of a hash map.
type Shard = Vec<ListedSpan>;

#[derive(Clone, Debug)]
struct ListedSpan {
    id: SpanId,
    /// The number of owners and views.
    count: usize,
    span: Span,
    /// The baggage that contexts of the span were given.
    given: Baggage,
}

impl Default for Registry {
    fn default() -> Self {
        let shard = |_| Mutex::new(Shard::with_capacity(USUAL_SPANS));
        Self { shards: (0..SHARDS).map(shard).collect() }
    }
}

/// The registries of the running process and of those that it was forked from.
type Registries = PerProcess<Registry>;

impl Registry {
    /// Lets `access` use the part of an id in the newest registry.
    ///
    /// Nearly always that belongs to the running process. That is asked for only if the part is held:
    /// only then it makes a difference.
    fn with<T>(
        registries: &Registries,
        id: SpanId,
        access: impl FnOnce(&mut Shard) -> T,
    ) -> Option<T> {
        let (newest, process) = registries.newest();
        let mut shard = match lock_of(process, newest.shard(id)?) {
            Some(shard) => shard,
            None => lock(registries.inherited(process_id(), Self::copied).shard(id)?),
        };
        Some(access(&mut shard))
    }

    /// Returns the part of an id.
    fn shard(&self, id: SpanId) -> Option<&Mutex<Shard>> {
        self.shards.get(id.to_u64() as usize % SHARDS)
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
}

fn list(registries: &Registries, span: &Span) -> Option<SpanId> {
    let id = span.span_id()?;
    make_for(registries, span.process()?);
    Registry::with(registries, id, |shard| match listed(shard, id) {
        Some(listed) => listed.count += 1,
        None => shard.push(ListedSpan { id, count: 1, span: span.clone(), given: Baggage::new() }),
    })?;
    Some(id)
}

/// Makes a registry for the spans of this process, if it is the one that is running: spans are in a
/// registry of their process, for whose locks its threads wait.
///
/// No registry is made for a parent. It would be the newest one, and threads that do not wait for its
/// locks would look for their spans in another one.
fn make_for(registries: &Registries, process: u32) {
    if registries.newest().1 != process {
        registries.inherited(process_id(), Registry::copied);
    }
}

/// Returns the last entry of a span, which is to be dropped.
fn unlist(registries: &Registries, id: SpanId) -> Option<ListedSpan> {
    Registry::with(registries, id, |shard| {
        let index = shard.iter().position(|listed| listed.id == id)?;
        let listed = shard.get_mut(index)?;
        listed.count -= 1;
        (listed.count == 0).then(|| shard.swap_remove(index))
    })?
}

fn find_in(registries: &Registries, trace_id: TraceId, id: SpanId) -> Option<(Span, bool)> {
    Registry::with(registries, id, |shard| {
        let ListedSpan { span, given, .. } = listed(shard, id)?;
        (span.trace_id() == Some(trace_id)).then(|| (span.clone(), !given.is_empty()))
    })?
}

fn listed(shard: &mut Shard, id: SpanId) -> Option<&mut ListedSpan> {
    shard.iter_mut().find(|listed| listed.id == id)
}

/// Keeps a span listed.
pub(crate) struct Listing(SpanId);

impl Listing {
    /// Lists a span; `None` if it does not record.
    pub(crate) fn of(span: &Span) -> Option<Self> {
        list(&REGISTRIES, span).map(Self)
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        drop(unlist(&REGISTRIES, self.0));
    }
}

/// Returns the span of these ids, if an owner or a view of it is alive, and whether contexts of it
/// were given baggage.
pub(crate) fn find(trace_id: TraceId, id: SpanId) -> Option<(Span, bool)> {
    find_in(&REGISTRIES, trace_id, id)
}

/// Returns the baggage that contexts of this span were given last.
pub(crate) fn given(id: SpanId) -> Baggage {
    let given = Registry::with(&REGISTRIES, id, |shard| Some(listed(shard, id)?.given.clone()));
    given.flatten().unwrap_or_default()
}

/// Notes the baggage that a context of this listed span is given.
pub(crate) fn set_given(id: SpanId, baggage: Baggage) {
    let replaced = Registry::with(&REGISTRIES, id, |shard| {
        let given = &mut listed(shard, id)?.given;
        Some(std::mem::replace(given, baggage))
    });
    drop(replaced);
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listing({})", self.0)
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
        let parent = Registries::default();
        for (_, _, span) in &spans {
            list(&parent, span);
        }
        let (_, held, _) = spans.first().unwrap();
        let _never_released = lock(parent.newest().0.shard(*held).unwrap());
        let child = PerProcess::new(parent.newest().0.copied());
        for (trace_id, id, span) in &spans {
            let is_held = (id.to_u64() ^ held.to_u64()) % SHARDS as u64 == 0;
            assert_eq!(find_in(&child, *trace_id, *id).is_none(), is_held);
            list(&child, span);
            assert!(find_in(&child, *trace_id, *id).is_some());
        }
    }

    #[test]
    fn a_part_that_a_thread_of_another_process_holds_is_not_waited_for() {
        let (_collector, spans) = spans();
        let (trace_id, id, span) = spans.first().unwrap();
        let registries = Registries::default();
        let others = registries.of(process_id() ^ 1, Registry::default);
        let _never_released = lock(others.shard(*id).unwrap());
        assert!(find_in(&registries, *trace_id, *id).is_none());
        list(&registries, span);
        assert!(find_in(&registries, *trace_id, *id).is_some());
        assert!(unlist(&registries, *id).is_some());
    }

    #[test]
    fn the_newest_registry_is_never_that_of_a_parent_once_the_process_has_its_own() {
        let registries = Registries::default();
        let parent = process_id() ^ 1;
        make_for(&registries, parent); // For a span that the parent began.
        make_for(&registries, process_id());
        assert_eq!(registries.newest().1, process_id());
    }

    /// The threads of a process wait for each other.
    #[test]
    fn a_span_is_found_while_another_thread_holds_its_part() {
        let (_collector, spans) = spans();
        let (trace_id, id, span) = spans.first().unwrap();
        let registries = Registries::default();
        list(&registries, span);
        let held = lock(registries.newest().0.shard(*id).unwrap());
        let (began, begun) = channel();
        std::thread::scope(|threads| {
            let found = threads.spawn(|| {
                began.send(()).unwrap();
                find_in(&registries, *trace_id, *id).is_some()
            });
            begun.recv().unwrap();
            drop(held);
            assert!(found.join().unwrap());
        });
    }

    #[test]
    fn a_span_is_found_until_its_last_entry_is_gone() {
        let (_collector, spans) = spans();
        let registries = Registries::default();
        let (trace_id, id, span) = spans.first().unwrap();
        list(&registries, span);
        list(&registries, span);
        assert!(unlist(&registries, *id).is_none());
        assert!(find_in(&registries, *trace_id, *id).is_some());
        assert!(unlist(&registries, *id).is_some());
        assert!(find_in(&registries, *trace_id, *id).is_none());
        assert!(unlist(&registries, *id).is_none());
    }
}
