//! The collector: a tracer whose finished spans stay in the process.

use std::{
    fmt::Write,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
    time::Instant,
};

use packdog_api::{
    Report, SamplingMechanism, SamplingPriority, SpanContext, TraceId, Tracer,
    carrier::{Carrier, CarrierMut},
    implementer::{self, Begun, Chunk, Decision, FinishedSpan, Implementer, Settings},
};

use super::{CollectedSpan, CollectedTrace, picture::picture};
use crate::{Config, propagation::Propagator};

/// What one tracer has finished; a cheap handle. Every trace is kept.
#[derive(Clone, Debug)]
pub struct Collector {
    collecting: Arc<Collecting>,
    tracer: Tracer,
}

impl Collector {
    pub(super) fn new(config: &Config) -> Self {
        let settings = Settings::new(config.service())
            .with_wide_trace_ids(config.has_wide_trace_ids())
            .with_partial_flush(config.partial_flush());
        let collecting = Arc::new(Collecting {
            settings: Arc::new(settings),
            propagator: Propagator::new(config.propagation().clone()),
            kept: Mutex::default(),
        });
        let tracer = implementer::tracer(Arc::<Collecting>::clone(&collecting));
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
        let mut all = String::new();
        for trace in self.traces() {
            // Writing to a string cannot fail.
            let _ = write!(all, "{}", picture(&trace.spans));
        }
        all
    }

    /// Forgets what was collected.
    pub fn clear(&self) {
        self.collecting.kept().traces.clear();
    }
}

#[derive(Debug)]
struct Collecting {
    settings: Arc<Settings>,
    propagator: Propagator,
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

impl Implementer for Collecting {
    fn begin(&self, parent: &SpanContext) -> Option<Begun> {
        let mut begun = Begun::new(Arc::clone(&self.settings));
        let tags = self.propagator.baggage_tags(parent.baggage());
        begun.tags.extend(tags.map(|(name, value)| (name, value.into())));
        Some(begun)
    }

    fn decide(&self, _: TraceId, _: &FinishedSpan<'_>) -> Decision {
        Decision::new(SamplingPriority::AUTO_KEEP, SamplingMechanism::DEFAULT)
    }

    fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        self.propagator.extract(carrier)
    }

    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str> {
        self.propagator.inject(context, carrier)
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

    fn flush(&self, _: Instant) -> Report {
        Report::default()
    }

    fn shutdown(&self, _: Instant) -> Report {
        Report::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_util::{collect, collect_with};

    #[test]
    fn a_trace_is_drawn_with_its_branches() {
        let (collector, _scope) = collect();
        crate::span("root").resource("GET /").in_scope(|root| {
            root.set_tag("http.status_code", "500");
            root.set_is_error(true);
            root.child("first").service("db").in_scope(|first| {
                first.child("inner").kind(crate::SpanKind::Client).in_scope(|_| ());
            });
            root.child("second").in_scope(|second| {
                second.set_error_parts("timeout", None, None);
            });
        });
        let expected = "\
root  GET /  500  error  service=test
├─ first  service=db
│  └─ inner  kind=client
└─ second  error=timeout
";
        assert_eq!(collector.picture(), expected);
    }

    #[test]
    fn collectors_do_not_see_each_others_spans() {
        let (outer, _outer) = collect();
        let (inner, scope) = collect_with(&Config::new().with_service("other"));
        crate::span("inner").in_scope(|_| ());
        drop(scope);
        crate::span("outer").in_scope(|_| ());
        assert_eq!(inner.picture(), "inner  service=other\n");
        assert_eq!(outer.picture(), "outer  service=test\n");
        outer.clear();
        assert_eq!(outer.spans().len(), 0);
    }

    #[test]
    fn headers_are_those_of_the_configuration() {
        let (collector, _scope) = collect();
        let mut headers = Vec::<(String, String)>::new();
        crate::span("first").in_scope(|span| span.inject(&mut headers));
        let context = collector.tracer().extract(&headers);
        crate::span("second").child_of(context).in_scope(|_| ());
        let (first, second) = (collector.span("first"), collector.span("second"));
        assert_eq!(second.parent_id, Some(first.span_id));
        assert_eq!(second.trace_id, first.trace_id);
    }
}
