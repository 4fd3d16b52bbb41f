//! Finds a span of this process by the ids in a context: a `Context` hides its span.
//!
//! An entry lives as long as an owner or a view of the span whose context was asked for. Entries are
//! dropped after unlocking, because dropping the last handle of a trace may send it.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    hash::{BuildHasherDefault, Hasher},
    process,
    sync::{LazyLock, Mutex, MutexGuard},
};

use packdog_api::{Baggage, Span, SpanId, TraceId, internal::lock_of};

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

/// The number of locks: a power of two.
const SHARDS: usize = 32;

struct Registry {
    /// A forked child waits for no lock that a thread of its parent may hold.
    process: u32,
    shards: [Mutex<Shard>; SHARDS],
}

type Shard = HashMap<SpanId, Listed, BuildHasherDefault<IdHasher>>;

#[derive(Debug)]
struct Listed {
    /// The number of owners and views.
    count: usize,
    span: Span,
    /// The baggage that contexts of the span were given.
    given: Baggage,
}

impl Registry {
    fn new() -> Self {
        Self { process: process::id(), shards: [(); SHARDS].map(|()| Mutex::default()) }
    }

    /// Returns the part of an id; `None` in a forked child whose parent holds it.
    fn shard(&self, id: SpanId) -> Option<MutexGuard<'_, Shard>> {
        let index = id.to_u64() as usize % SHARDS;
        lock_of(self.process, self.shards.get(index)?)
    }
}

/// Keeps a span listed.
pub(crate) struct Listing(SpanId);

impl Listing {
    /// Lists a span; `None` if it does not record.
    pub(crate) fn of(span: &Span) -> Option<Self> {
        let id = span.span_id().filter(|_| span.is_recording())?;
        match REGISTRY.shard(id)?.entry(id) {
            Entry::Occupied(mut listed) => listed.get_mut().count += 1,
            Entry::Vacant(vacant) => {
                vacant.insert(Listed { count: 1, span: span.clone(), given: Baggage::new() });
            }
        }
        Some(Self(id))
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        let unlisted = REGISTRY.shard(self.0).and_then(|mut shard| {
            let listed = shard.get_mut(&self.0)?;
            listed.count -= 1;
            if listed.count == 0 { shard.remove(&self.0) } else { None }
        });
        drop(unlisted);
    }
}

/// Returns the span of these ids, if an owner or a view of it is alive.
pub(crate) fn find(trace_id: TraceId, id: SpanId) -> Option<Span> {
    let shard = REGISTRY.shard(id)?;
    let span = &shard.get(&id)?.span;
    (span.trace_id() == Some(trace_id)).then(|| span.clone())
}

/// Returns the baggage that contexts of this span were given last.
pub(crate) fn given(id: SpanId) -> Baggage {
    let shard = REGISTRY.shard(id);
    let listed = shard.as_ref().and_then(|shard| shard.get(&id));
    listed.map(|listed| listed.given.clone()).unwrap_or_default()
}

/// Notes the baggage that a context of this listed span is given.
pub(crate) fn set_given(id: SpanId, baggage: Baggage) {
    let replaced = REGISTRY.shard(id).and_then(|mut shard| {
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
