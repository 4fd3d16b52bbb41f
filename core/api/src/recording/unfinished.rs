//! Spans that have been open too long, with the places in the code that created them. For
//! debugging: off by default, and then nothing is stored.

use std::{
    panic::Location,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use super::Record;
use crate::{
    per_process::PerProcess,
    sync::{Mutex, MutexGuard, lock},
    values::{SpanId, TraceId},
};

/// 10 000: the most open spans that are watched at once; further ones are not found if they stay
/// open.
pub const MAX_WATCHED_SPANS: usize = 10_000;

/// A span that has been open longer than the settings allow.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UnfinishedSpan {
    /// The trace.
    pub trace_id: TraceId,
    /// The id of the span.
    pub span_id: SpanId,
    /// The operation name.
    pub name: String,
    /// The time since its start.
    pub open_for: Duration,
    /// The place in the code that created it.
    pub created_at: &'static Location<'static>,
}

/// The open spans of a tracer that watches them. A forked child watches its own.
#[derive(Debug)]
pub(crate) struct Unfinished {
    after: Duration,
    watched: PerProcess<Mutex<WatchedSpan>>,
}

#[derive(Debug)]
struct WatchedSpan {
    spans: Vec<OpenSpan>,
    /// The number of starts after which finished spans are removed: never at each start, however
    /// many stay open.
    starts_until_sweep: usize,
}

#[derive(Debug)]
struct OpenSpan {
    record: Weak<Record>,
    trace_id: TraceId,
    opened: Instant,
    created_at: &'static Location<'static>,
}

impl Unfinished {
    pub(crate) fn new(after: Duration) -> Self {
        Self { after, watched: PerProcess::default() }
    }

    pub(crate) fn watch(
        &self,
        trace_id: TraceId,
        record: &Arc<Record>,
        created_at: &'static Location<'static>,
    ) {
        let mut watched = self.watched();
        if watched.starts_until_sweep == 0 {
            watched.spans.retain(|span| span.record().is_some());
            watched.starts_until_sweep = watched.spans.len().clamp(MIN_STARTS, MAX_STARTS);
        }
        watched.starts_until_sweep -= 1;
        if watched.spans.len() < MAX_WATCHED_SPANS {
            let (record, opened) = (Arc::downgrade(record), Instant::now());
            watched.spans.push(OpenSpan { record, trace_id, opened, created_at });
        }
    }

    pub(crate) fn list(&self) -> Vec<UnfinishedSpan> {
        let watched = self.watched();
        watched.spans.iter().filter_map(|span| span.unfinished(self.after)).collect()
    }

    fn watched(&self) -> MutexGuard<'_, WatchedSpan> {
        lock(self.watched.get(Mutex::default))
    }
}

impl Default for WatchedSpan {
    fn default() -> Self {
        Self { spans: Vec::new(), starts_until_sweep: MIN_STARTS }
    }
}

/// The fewest starts between two sweeps: a few finished spans are cheap to keep.
const MIN_STARTS: usize = 64;
/// The most starts between two sweeps: a tenth of the watched spans, so each start pays for ten.
const MAX_STARTS: usize = MAX_WATCHED_SPANS / 10;

impl OpenSpan {
    /// Returns the span while it is open.
    fn record(&self) -> Option<Arc<Record>> {
        self.record.upgrade().filter(|record| !record.is_finished())
    }

    fn unfinished(&self, after: Duration) -> Option<UnfinishedSpan> {
        let record = self.record()?;
        let open_for = self.opened.elapsed();
        (open_for >= after).then(|| UnfinishedSpan {
            trace_id: self.trace_id,
            span_id: record.id,
            name: record.state().name.to_string(),
            open_for,
            created_at: self.created_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recorder::{tracer, tracer_with},
        recording::{Settings, Tracer},
        span,
    };

    fn watching(after: Duration) -> Tracer {
        tracer_with(Settings::new("users").with_unfinished_after(Some(after))).0
    }

    #[test]
    fn names_the_place_that_created_the_span() {
        let tracer = watching(Duration::ZERO);
        let _scope = tracer.enter();
        let line = line!() + 1;
        let open = span("open").start();
        drop(span("finished").start());
        let unfinished = tracer.unfinished();
        let [found] = unfinished.as_slice() else { panic!("{unfinished:?}") };
        assert_eq!((found.created_at.file(), found.created_at.line()), (file!(), line));
        assert_eq!((found.name.as_str(), Some(found.span_id)), ("open", open.span_id()));
    }

    #[test]
    fn each_way_to_start_a_span_names_its_caller() {
        let tracer = watching(Duration::ZERO);
        let _scope = tracer.enter();
        let lines = || tracer.unfinished().iter().map(|s| s.created_at.line()).collect::<Vec<_>>();
        let first = line!();
        tracer.span("root").in_scope(|root| {
            let _child = root.child("child").start();
            let _entered = span("entered").enter();
            assert_eq!(lines(), [first + 1, first + 2, first + 3]);
        });
        assert_eq!(lines(), [] as [u32; 0]);
    }

    #[test]
    fn spans_that_are_young_or_not_watched_are_left_out() {
        let patient = watching(Duration::from_secs(3600));
        let (blind, _recorder) = tracer();
        let _open = [patient.span("young").start(), blind.span("unseen").start()];
        assert_eq!(patient.unfinished().len() + blind.unfinished().len(), 0);
    }

    #[test]
    fn memory_for_watching_is_bounded() {
        let tracer = watching(Duration::ZERO);
        let root = tracer.span("root").start();
        for _ in 0..MAX_WATCHED_SPANS {
            drop(root.child("finished").start());
        }
        let watched = || tracer.backing().unwrap().unfinished.get().unwrap().watched().spans.len();
        assert!(watched() <= MIN_STARTS + 1, "finished spans are forgotten: {}", watched());
        let _open = (0..=MAX_WATCHED_SPANS).map(|_| root.child("open").start()).collect::<Vec<_>>();
        assert_eq!(tracer.unfinished().len(), MAX_WATCHED_SPANS);
    }

    #[test]
    fn few_starts_sweep_while_as_many_spans_as_possible_are_watched() {
        let tracer = watching(Duration::ZERO);
        let root = tracer.span("root").start();
        let _open = (1..MAX_WATCHED_SPANS).map(|_| root.child("open").start()).collect::<Vec<_>>();
        let until_sweep = || {
            let unfinished = tracer.backing().unwrap().unfinished.get().unwrap();
            unfinished.watched().starts_until_sweep
        };
        let starts = 10 * MAX_STARTS;
        let sweeps = (0..starts).filter(|_| {
            let before = until_sweep();
            drop(root.child("not watched").start());
            until_sweep() > before
        });
        assert_eq!(sweeps.count(), starts / MAX_STARTS);
    }
}
