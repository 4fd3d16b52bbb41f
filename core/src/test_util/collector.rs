//! The collector: a tracer whose finished spans stay in the process.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use packdog_api::{
    SpanContext, Tracer, UnfinishedSpan,
    implementation::{Chunk, Recorder, RootTags, Settings, TraceStart},
    internal::lock,
};

use super::{
    CollectedSpan, CollectedTrace,
    picture::picture,
    wait::{PATIENCE, Waiting},
};
use crate::{Config, parts, propagation::Propagator};

/// A tracer that sends nothing and keeps every finished span; a cheap handle.
///
/// Tests use [`collect`](super::collect), which also makes the tracer current. For several services
/// in one test, make a collector for each with [`Collector::new`].
#[derive(Clone, Debug)]
pub struct Collector {
    collecting: Arc<CollectedState>,
    tracer: Tracer,
}

impl Collector {
    /// Creates a collector with this configuration. Its tracer is not current anywhere yet.
    ///
    /// ```
    /// use packdog::{Config, test_util::Collector};
    ///
    /// let users = Collector::new(&Config::new().with_service("users"));
    /// users.tracer().span("sign_in").in_scope(|_| ());
    /// assert_eq!(users.only_span().service, "users");
    /// ```
    pub fn new(config: &Config) -> Self {
        let settings = Settings::new(config.service())
            .with_128_bit_trace_ids(config.has_128_bit_trace_ids())
            .with_partial_flush(config.partial_flush())
            .with_unfinished_after(Some(Duration::ZERO));
        let collecting = Arc::new(CollectedState {
            settings: Arc::new(settings),
            propagator: Arc::new(Propagator::new(config.propagation().clone())),
            traces: Mutex::default(),
            warnings: Mutex::default(),
            waiting: Arc::default(),
        });
        let tracer = parts::tracer_parts(Arc::clone(&collecting), config, config.http().clone())
            .propagator(Arc::clone(&collecting.propagator))
            .build();
        Self { collecting, tracer }
    }

    /// Returns the tracer, for layers and threads outside the scope.
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// Returns the traces, in the order of their start.
    ///
    /// They contain a span once no span of its service in that trace is open, or enough spans wait
    /// for a [partial flush](Config::with_partial_flush).
    pub fn traces(&self) -> Vec<CollectedTrace> {
        let mut traces = self.collecting.traces().clone();
        traces.sort_by_key(|trace| trace.spans.first().map(|span| span.start));
        traces
    }

    /// Returns the spans of all [`traces`](Collector::traces), each trace in the order of start.
    pub fn spans(&self) -> Vec<CollectedSpan> {
        self.traces().into_iter().flat_map(|trace| trace.spans).collect()
    }

    /// Returns the only span.
    ///
    /// # Panics
    /// Panics if there is none, or more than one.
    #[expect(clippy::panic, reason = "that is how a test fails")]
    #[track_caller]
    pub fn only_span(&self) -> CollectedSpan {
        match <[CollectedSpan; 1]>::try_from(self.spans()) {
            Ok([span]) => span,
            Err(spans) => panic!("{} spans instead of one:\n{}", spans.len(), self.picture()),
        }
    }

    /// Returns the span of this name.
    ///
    /// # Panics
    /// Panics if there is none, or more than one.
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

    /// Returns the spans of this name, in the order of [`spans`](Collector::spans).
    pub fn spans_named(&self, name: &str) -> Vec<CollectedSpan> {
        self.spans().into_iter().filter(|span| span.name == name).collect()
    }

    /// Returns the first span that `matches`.
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

    /// Returns the direct children of this span, in the order of their start.
    pub fn children_of(&self, parent: &CollectedSpan) -> Vec<CollectedSpan> {
        let is_child = |span: &CollectedSpan| {
            span.parent_id == Some(parent.span_id) && span.trace_id == parent.trace_id
        };
        self.spans().into_iter().filter(is_child).collect()
    }

    /// Returns the spans that are open, with the places that created them, the oldest first.
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
    /// Panics if a span is open.
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

    /// Returns the warnings of the layers and of the tracer, in order.
    ///
    /// An application sees them among packdog's messages (see
    /// [`no_traces`](crate::recipes::no_traces)).
    pub fn warnings(&self) -> Vec<String> {
        self.collecting.warnings().clone()
    }

    /// Waits until this many spans have been collected, and returns all of them.
    ///
    /// # Panics
    /// Panics if there are fewer after 30 seconds.
    pub async fn wait_for_spans(&self, count: usize) -> Vec<CollectedSpan> {
        self.wait_for(count, "spans", Self::spans).await
    }

    /// Waits until spans of this many traces have been collected, and returns all traces.
    ///
    /// # Panics
    /// Panics if there are fewer after 30 seconds.
    pub async fn wait_for_traces(&self, count: usize) -> Vec<CollectedTrace> {
        self.wait_for(count, "traces", Self::traces).await
    }

    /// Waits until a span has been collected, and returns it.
    ///
    /// # Panics
    /// Panics if there is more than one by then, or none after 30 seconds.
    pub async fn wait_for_only_span(&self) -> CollectedSpan {
        self.wait_for_spans(1).await;
        self.only_span()
    }

    #[expect(clippy::panic, reason = "that is how a test fails")]
    async fn wait_for<T>(&self, count: usize, what: &str, now: fn(&Self) -> Vec<T>) -> Vec<T> {
        let ready = || Some(now(self)).filter(|have| have.len() >= count);
        match self.collecting.waiting.until(ready).await {
            Some(found) => found,
            None => panic!(
                "waited {PATIENCE:?} for {count} {what}; there are:\n{}still open: {:#?}",
                self.picture(),
                self.unfinished(),
            ),
        }
    }

    /// Returns all traces as trees, without ids and times; one line per span.
    ///
    /// Roots and children are in the order of their start. Each trace is one tree, also if several
    /// services of the process took part in it.
    pub fn picture(&self) -> String {
        self.picture_with_tags(&[])
    }

    /// Like [`picture`](Collector::picture), with these tags on the spans that have them.
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

    /// Forgets all traces and warnings.
    pub fn clear(&self) {
        self.collecting.traces().clear();
        self.collecting.warnings().clear();
    }
}

#[derive(Debug)]
struct CollectedState {
    settings: Arc<Settings>,
    propagator: Arc<Propagator>,
    traces: Mutex<Vec<CollectedTrace>>,
    warnings: Mutex<Vec<String>>,
    waiting: Arc<Waiting>,
}

impl CollectedState {
    fn traces(&self) -> MutexGuard<'_, Vec<CollectedTrace>> {
        lock(&self.traces)
    }

    fn warnings(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.warnings)
    }

    fn keep(&self, trace: CollectedTrace) {
        let mut traces = self.traces();
        match traces.iter_mut().find(|known| known.trace_id == trace.trace_id) {
            Some(known) => known.join(trace),
            None => traces.push(trace),
        }
    }
}

impl Recorder for CollectedState {
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        Some(TraceStart::new(Arc::clone(&self.settings)))
    }

    fn tag_root(&self, parent: &SpanContext, root: &mut RootTags<'_>) {
        parts::tag_root(&self.propagator, parent, root);
    }

    fn collect(&self, chunk: Chunk) {
        self.keep(CollectedTrace::of(chunk));
        self.waiting.wake();
    }

    fn warn(&self, message: &dyn fmt::Display) {
        self.warnings().push(message.to_string());
    }
}
