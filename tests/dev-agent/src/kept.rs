//! The traces that are kept: grouped by full trace id, bounded, the oldest leave first.
//!
//! ```text
//! by_id:  trace id ──▶ arrival          arrivals:  arrival ──▶ Entry { trace, since, .. }
//! ```

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use crate::{Chunk, Span, Trace};

/// The most spans that are kept. A development machine makes few; a load test makes millions.
const MAX_SPANS: usize = 100_000;
/// The most bytes of text and documents in them, since one span may be as large as a payload.
const MAX_SPAN_BYTES: usize = 256 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Kept {
    arrivals: BTreeMap<u64, Entry>,
    by_id: HashMap<u128, u64>,
    next_arrival: u64,
    held: Size,
    limit: Size,
    /// Spans received since the start, or since all was forgotten.
    pub(crate) spans_received: usize,
    /// Traces that were removed for lack of room since then.
    pub(crate) traces_dropped: usize,
    /// Changes whenever anything here does.
    pub(crate) version: u64,
}

#[derive(Debug)]
struct Entry {
    trace: Trace,
    size: Size,
    /// The arrival of the last chunk; `None` once the trace was noticed.
    unnoticed_since: Option<Instant>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    spans: usize,
    bytes: usize,
}

impl Default for Kept {
    fn default() -> Self {
        Self::with_limit(Size { spans: MAX_SPANS, bytes: MAX_SPAN_BYTES })
    }
}

impl Kept {
    fn with_limit(limit: Size) -> Self {
        Self {
            arrivals: BTreeMap::new(),
            by_id: HashMap::new(),
            next_arrival: 0,
            held: Size::default(),
            limit,
            spans_received: 0,
            traces_dropped: 0,
            version: 0,
        }
    }

    pub(crate) fn add(&mut self, chunks: Vec<Chunk>, now: Instant) {
        self.version += 1;
        for chunk in chunks {
            self.spans_received += chunk.spans.len();
            self.add_chunk(chunk, now);
            while self.held.spans > self.limit.spans || self.held.bytes > self.limit.bytes {
                self.drop_oldest();
            }
        }
    }

    fn add_chunk(&mut self, chunk: Chunk, now: Instant) {
        let size = Size { spans: chunk.spans.len(), bytes: chunk.spans.iter().map(bytes).sum() };
        let trace_id = chunk.trace_id;
        let arrival = *self.by_id.entry(trace_id).or_insert_with(|| {
            self.next_arrival += 1;
            self.next_arrival
        });
        let entry = self.arrivals.entry(arrival).or_insert_with(|| Entry {
            trace: Trace { trace_id, chunks: Vec::new() },
            size: Size::default(),
            unnoticed_since: None,
        });
        entry.trace.chunks.push(chunk);
        entry.unnoticed_since = Some(now);
        for total in [&mut entry.size, &mut self.held] {
            total.spans += size.spans;
            total.bytes += size.bytes;
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, entry)) = self.arrivals.pop_first() {
            self.by_id.remove(&entry.trace.trace_id);
            self.held.spans -= entry.size.spans;
            self.held.bytes -= entry.size.bytes;
            self.traces_dropped += 1;
        }
    }

    /// Forgets everything, counts included.
    pub(crate) fn forget(&mut self) {
        *self = Self { version: self.version + 1, ..Self::with_limit(self.limit) };
    }

    /// The newest `last` traces in order of their first arrival.
    pub(crate) fn traces(&self, last: usize) -> Vec<Trace> {
        let skipped = self.arrivals.len().saturating_sub(last);
        self.arrivals.values().skip(skipped).map(|entry| entry.trace.clone()).collect()
    }

    /// The newest `last` traces, newest first.
    pub(crate) fn newest(&self, last: usize) -> impl Iterator<Item = &Trace> {
        self.arrivals.values().rev().take(last).map(|entry| &entry.trace)
    }

    /// The trace with this id, if it is kept.
    pub(crate) fn trace(&self, id: u128) -> Option<&Trace> {
        self.arrivals.get(self.by_id.get(&id)?).map(|entry| &entry.trace)
    }

    /// Returns a trace that got no spans for as long as `quiet`, or the time at which one may be due.
    pub(crate) fn notice(
        &mut self,
        quiet: Duration,
        now: Instant,
    ) -> Result<Trace, Option<Instant>> {
        let unnoticed = self.arrivals.values_mut().filter(|entry| entry.unnoticed_since.is_some());
        let Some(entry) = unnoticed.min_by_key(|entry| entry.unnoticed_since) else {
            return Err(None);
        };
        let due = entry.unnoticed_since.map(|since| since + quiet);
        if due.is_some_and(|due| due > now) {
            return Err(due);
        }
        entry.unnoticed_since = None;
        Ok(entry.trace.clone())
    }
}

/// Text and documents of a span, plus what each of its map entries costs.
fn bytes(span: &Span) -> usize {
    const PER_ENTRY: usize = 64;
    let texts = [&span.service, &span.name, &span.resource, &span.span_type];
    let meta = span.meta.iter().map(|(key, value)| key.len() + value.len() + PER_ENTRY);
    let metrics = span.metrics.keys().map(|key| key.len() + PER_ENTRY);
    let documents = span.meta_struct.iter().map(|(key, value)| key.len() + value.len() + PER_ENTRY);
    let links = span.span_links.iter().flat_map(|link| {
        let attributes =
            link.attributes.iter().map(|(key, value)| key.len() + value.len() + PER_ENTRY);
        attributes.chain([link.tracestate.len() + PER_ENTRY])
    });
    let events = span.span_events.iter().flat_map(|event| {
        let attributes =
            event.attributes.iter().map(|(key, value)| key.len() + value.bytes() + PER_ENTRY);
        attributes.chain([event.name.len() + PER_ENTRY])
    });
    texts
        .map(String::len)
        .into_iter()
        .chain(meta)
        .chain(metrics)
        .chain(documents)
        .chain(links)
        .chain(events)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(trace_id: u128, names: &[&str]) -> Chunk {
        let span = |name: &&str| Span { name: (*name).into(), ..Span::default() };
        Chunk { trace_id, spans: names.iter().map(span).collect() }
    }

    fn ids(kept: &Kept) -> Vec<u128> {
        kept.traces(usize::MAX).iter().map(|trace| trace.trace_id).collect()
    }

    #[test]
    fn chunks_of_one_trace_are_together_and_the_upper_half_of_the_id_counts() {
        let mut kept = Kept::default();
        let other_half = 1 << 64 | 7;
        kept.add(
            vec![chunk(7, &["a", "b"]), chunk(other_half, &["c"]), chunk(7, &["d"])],
            Instant::now(),
        );
        assert_eq!(ids(&kept), [7, other_half]);
        assert_eq!(kept.traces(usize::MAX)[0].spans().count(), 3);
        assert_eq!(kept.spans_received, 4);
        assert_eq!(kept.traces(1)[0].trace_id, other_half, "the newest");
    }

    #[test]
    fn oldest_traces_leave_when_there_are_too_many_spans() {
        let mut kept = Kept::with_limit(Size { spans: 3, bytes: usize::MAX });
        kept.add(vec![chunk(1, &["a"]), chunk(2, &["b"]), chunk(3, &["c"])], Instant::now());
        assert_eq!((ids(&kept), kept.traces_dropped), (vec![1, 2, 3], 0), "at the limit");
        kept.add(vec![chunk(1, &["d"])], Instant::now());
        assert_eq!((ids(&kept), kept.traces_dropped), (vec![2, 3], 1), "one over it");
        kept.add(vec![chunk(4, &["a", "b", "c", "d"])], Instant::now());
        assert_eq!(
            (ids(&kept), kept.traces_dropped),
            (vec![], 4),
            "too large a trace leaves as well"
        );
        assert_eq!((kept.held, kept.spans_received), (Size::default(), 8));
    }

    #[test]
    fn oldest_traces_leave_when_spans_are_too_large() {
        let mut kept = Kept::with_limit(Size { spans: 10, bytes: 10 });
        kept.add(vec![chunk(1, &["12345"]), chunk(2, &["12345"])], Instant::now());
        assert_eq!(ids(&kept), [1, 2]);
        kept.add(vec![chunk(3, &["1"])], Instant::now());
        assert_eq!(ids(&kept), [2, 3]);
    }

    #[test]
    fn a_trace_is_noticed_once_it_is_quiet_and_again_after_more_spans() {
        let (quiet, start) = (Duration::from_secs(2), Instant::now());
        let second = |seconds| start + Duration::from_secs(seconds);
        let mut kept = Kept::default();
        assert_eq!(kept.notice(quiet, start), Err(None));
        kept.add(vec![chunk(1, &["a"])], start);
        kept.add(vec![chunk(1, &["b"])], second(1));
        assert_eq!(kept.notice(quiet, second(2)), Err(Some(second(3))));
        assert_eq!(kept.notice(quiet, second(3)).unwrap().spans().count(), 2);
        assert_eq!(kept.notice(quiet, second(9)), Err(None));
        kept.add(vec![chunk(1, &["c"])], second(9));
        assert_eq!(kept.notice(quiet, second(11)).unwrap().spans().count(), 3);
    }
}
