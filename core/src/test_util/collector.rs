//! The collector: a tracer whose finished spans stay in the process.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
    time::Duration,
};

use packdog_api::{
    SpanContext, Tracer, UnfinishedSpan,
    implementation::{Chunk, Recorder, Settings, TraceStart},
};

use super::{CollectedSpan, CollectedTrace, picture::picture};
use crate::{Config, correlation::LogCorrelation, parts, propagation::Propagator};

/// What one tracer has finished; a cheap handle. Every trace is kept.
#[derive(Clone, Debug)]
pub struct Collector {
    collecting: Arc<Collecting>,
    tracer: Tracer,
}

impl Collector {
    pub(super) fn new(config: &Config) -> Self {
        let settings = Settings::new(config.service())
            .with_128_bit_trace_ids(config.has_wide_trace_ids())
            .with_partial_flush(config.partial_flush())
            .with_unfinished_after(Some(Duration::ZERO));
        let collecting = Arc::new(Collecting {
            settings: Arc::new(settings),
            propagator: Arc::new(Propagator::new(config.propagation().clone())),
            kept: Mutex::default(),
        });
        let (http, correlation) = (config.http().clone(), LogCorrelation::of(config));
        let tracer = parts::tracer_parts(Arc::clone(&collecting), http, correlation)
            .propagator(Arc::clone(&collecting.propagator))
            .build();
        Self { collecting, tracer }
    }

    /// The tracer, for layers and threads that do not see the scope.
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// The traces that have finished, in the order of finishing.
    ///
    /// A trace with a span that is still open is not among them.
    pub fn traces(&self) -> Vec<CollectedTrace> {
        self.collecting.kept().traces.clone()
    }

    /// The spans of all [`traces`](Collector::traces).
    pub fn spans(&self) -> Vec<CollectedSpan> {
        self.traces().into_iter().flat_map(|trace| trace.spans).collect()
    }

    /// The span of this name.
    ///
    /// # Panics
    /// There is none, or more than one.
    #[expect(clippy::panic, reason = "that is how a test fails")]
    #[track_caller]
    pub fn span(&self, name: &str) -> CollectedSpan {
        let mut spans = self.spans();
        spans.retain(|span| span.name == name);
        match (spans.pop(), spans.len()) {
            (Some(span), 0) => span,
            (found, others) => {
                let count = others + usize::from(found.is_some());
                panic!("{count} spans are named {name:?}; there are:\n{}", self.picture())
            }
        }
    }

    /// The spans of this name, in the order of [`spans`](Collector::spans).
    pub fn spans_named(&self, name: &str) -> Vec<CollectedSpan> {
        self.spans().into_iter().filter(|span| span.name == name).collect()
    }

    /// The first span that `matches`.
    ///
    /// ```
    /// use packdog::{span, test_util};
    ///
    /// let (collector, _scope) = test_util::collect();
    /// span("sandwich.make").resource("club").in_scope(|_| ());
    /// let club = collector.find(|span| span.resource == "club" && !span.is_error);
    /// assert!(club.is_some());
    /// ```
    pub fn find(&self, matches: impl FnMut(&CollectedSpan) -> bool) -> Option<CollectedSpan> {
        self.spans().into_iter().find(matches)
    }

    /// The spans right below this one, in the order of their start.
    pub fn children_of(&self, parent: &CollectedSpan) -> Vec<CollectedSpan> {
        let is_child = |span: &CollectedSpan| {
            span.parent_id == Some(parent.span_id) && span.trace_id == parent.trace_id
        };
        self.spans().into_iter().filter(is_child).collect()
    }

    /// The spans that are open, with the places that created them, the oldest first.
    pub fn unfinished(&self) -> Vec<UnfinishedSpan> {
        self.tracer.unfinished()
    }

    /// Asserts that no span is open any more.
    ///
    /// ```should_panic
    /// use packdog::{span, test_util};
    ///
    /// let (collector, _scope) = test_util::collect();
    /// let _kept = span("sandwich.make").start();
    /// collector.assert_all_finished(); // Names the span, and the line that started it.
    /// ```
    ///
    /// # Panics
    /// A span is open.
    #[expect(clippy::panic, reason = "that is how a test fails")]
    #[track_caller]
    pub fn assert_all_finished(&self) {
        let unfinished = self.unfinished();
        if !unfinished.is_empty() {
            let lines = unfinished.iter().map(|span| {
                let UnfinishedSpan { name, created_at, .. } = span;
                format!("\n  {name}, created at {created_at}")
            });
            panic!("spans are open:{}", lines.collect::<String>());
        }
    }

    /// Waits until this many spans have finished, and gives all that have by then.
    ///
    /// For spans that end in another task; where they may not come, add a timeout.
    pub async fn wait_for_spans(&self, count: usize) -> Vec<CollectedSpan> {
        poll_fn(|context| {
            let mut kept = self.collecting.kept();
            if kept.traces.iter().map(|trace| trace.spans.len()).sum::<usize>() >= count {
                return Poll::Ready(());
            }
            kept.waiting.push(context.waker().clone());
            Poll::Pending
        })
        .await;
        self.spans()
    }

    /// All traces as trees, ids and times left out; one line per span.
    pub fn picture(&self) -> String {
        self.picture_with_tags(&[])
    }

    /// Like [`picture`](Collector::picture), and these tags stand where a span has them.
    ///
    /// ```
    /// use packdog::{span, test_util};
    ///
    /// let (collector, _scope) = test_util::collect();
    /// span("sandwich.make").in_scope(|span| span.set_tag("num_ingredients", 3));
    /// assert_eq!(
    ///     collector.picture_with_tags(&["num_ingredients"]),
    ///     "sandwich.make  service=test  num_ingredients=3\n"
    /// );
    /// ```
    pub fn picture_with_tags(&self, tags: &[&str]) -> String {
        self.traces().iter().map(|trace| picture(&trace.spans, tags)).collect()
    }

    /// Forgets what was collected.
    pub fn clear(&self) {
        self.collecting.kept().traces.clear();
    }
}

#[derive(Debug)]
struct Collecting {
    settings: Arc<Settings>,
    propagator: Arc<Propagator>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    traces: Vec<CollectedTrace>,
    waiting: Vec<Waker>,
}

impl Collecting {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for Collecting {
    fn begin(&self, parent: &SpanContext) -> Option<TraceStart> {
        Some(parts::trace_start(&self.settings, &self.propagator, parent))
    }

    fn collect(&self, chunk: Chunk) {
        let trace = CollectedTrace::of(chunk);
        let waiting = {
            let mut kept = self.kept();
            kept.traces.push(trace);
            std::mem::take(&mut kept.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}
