//! The open traces that hold finished spans, so that these can leave before the others finish:
//! for a flush, and when too much is held.
//!
//! A trace is listed from its first finished span that waits for others until its last one
//! finishes. Traces of one span are never listed.

use std::{
    cmp::Reverse,
    fmt,
    sync::{Arc, Weak},
};

use crate::{
    per_process::PerProcess,
    process::process_id,
    sync::{Mutex, lock},
};

/// A trace, as seen by the list.
pub(crate) trait HoldsSpans: Send + Sync {
    /// Returns the number of bytes of its finished spans.
    fn held_bytes(&self) -> usize;

    /// Sends the spans that have finished.
    fn leave(&self);
}

/// Several lists, so that threads rarely wait for each other.
const SHARDS: usize = 16;

/// A forked child has lists of its own. It does not touch its parent's traces, whose locks may be
/// held forever; the parent sends their spans.
#[derive(Default)]
pub(crate) struct OpenTraces(PerProcess<Shards>);

type Shards = [Mutex<Shard>; SHARDS];

#[derive(Default)]
struct Shard {
    traces: Vec<Option<Weak<dyn HoldsSpans>>>,
    vacant: Vec<usize>,
}

/// The place of a trace in the list.
#[derive(Debug)]
pub(crate) struct Listing {
    process: u32,
    shard: usize,
    index: usize,
}

impl OpenTraces {
    /// Lists a trace; `hash` spreads traces over the shards.
    pub(crate) fn add(&self, trace: Weak<dyn HoldsSpans>, hash: u64) -> Option<Listing> {
        let shard = hash as usize % SHARDS;
        let process = process_id();
        let mut list = lock(self.0.of(process, Shards::default).get(shard)?);
        let index = list.vacant.pop().unwrap_or(list.traces.len());
        match list.traces.get_mut(index) {
            Some(place) => *place = Some(trace),
            None => list.traces.push(Some(trace)),
        }
        Some(Listing { process, shard, index })
    }

    pub(crate) fn remove(&self, Listing { process, shard, index }: Listing) {
        if process != process_id() {
            return; // It was listed by the parent of this process.
        }
        let lists = self.0.of(process, Shards::default);
        let Some(shard) = lists.get(shard) else { return };
        let mut list = lock(shard);
        let trace = list.traces.get_mut(index).and_then(Option::take);
        list.vacant.push(index);
        drop(list);
        drop(trace); // Its memory may be freed: not under the lock.
    }

    fn all(&self) -> Vec<Arc<dyn HoldsSpans>> {
        let mut all = Vec::new();
        for shard in self.0.existing().into_iter().flatten() {
            all.extend(lock(shard).traces.iter().flatten().filter_map(Weak::upgrade));
        }
        all
    }

    /// Sends all finished spans.
    pub(crate) fn leave(&self) {
        self.all().iter().for_each(|trace| trace.leave());
    }

    /// Sends the finished spans of the largest traces, until it `is_enough`.
    pub(crate) fn relieve(&self, is_enough: impl Fn() -> bool) {
        let mut traces =
            self.all().into_iter().map(|trace| (trace.held_bytes(), trace)).collect::<Vec<_>>();
        traces.sort_by_key(|(bytes, _)| Reverse(*bytes));
        traces.iter().take_while(|_| !is_enough()).for_each(|(_, trace)| trace.leave());
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.all().len()
    }
}

impl fmt::Debug for OpenTraces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenTraces")
    }
}
