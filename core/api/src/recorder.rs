//! An implementation for the tests of this package: it keeps the chunks that it is given.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Instant,
};

use crate::{
    carrier::{Carrier, CarrierMut},
    implementer::{self, Begun, Chunk, Decision, FinishedSpan, Implementer, Report, Settings},
    lock::lock,
    span::{SamplingMechanism, SamplingPriority, SpanContext, TraceId},
    tracer::Tracer,
};

#[derive(Debug)]
pub(crate) struct Recorder {
    settings: Arc<Settings>,
    chunks: Mutex<Vec<Chunk>>,
    pub(crate) decisions: AtomicUsize,
}

/// A tracer of the service `users` that flushes partially at three spans.
pub(crate) fn tracer() -> (Tracer, Arc<Recorder>) {
    let recorder = Arc::new(Recorder {
        settings: Arc::new(Settings::new("users").with_partial_flush(Some(3))),
        chunks: Mutex::default(),
        decisions: AtomicUsize::new(0),
    });
    (implementer::tracer(Arc::<Recorder>::clone(&recorder)), recorder)
}

impl Recorder {
    pub(crate) fn chunks(&self) -> Vec<Chunk> {
        std::mem::take(&mut lock(&self.chunks))
    }

    /// The names of the spans of each chunk.
    pub(crate) fn names(&self) -> Vec<Vec<String>> {
        self.chunks()
            .iter_mut()
            .map(|chunk| {
                chunk.sort();
                chunk.spans().map(|span| span.name().to_owned()).collect()
            })
            .collect()
    }
}

impl Implementer for Recorder {
    fn begin(&self, _: &SpanContext) -> Option<Begun> {
        Some(Begun::new(Arc::clone(&self.settings)))
    }

    fn decide(&self, _: TraceId, _: &FinishedSpan<'_>) -> Decision {
        self.decisions.fetch_add(1, SeqCst);
        Decision::new(SamplingPriority::AUTO_KEEP, SamplingMechanism::DEFAULT)
    }

    fn extract(&self, _: &dyn Carrier) -> SpanContext {
        SpanContext::new()
    }

    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str> {
        for (key, value) in context.baggage().iter() {
            carrier.set(key, value);
        }
        None
    }

    fn collect(&self, chunk: Chunk) {
        lock(&self.chunks).push(chunk);
    }

    fn flush(&self, _: Instant) -> Report {
        Report::default()
    }

    fn shutdown(&self, _: Instant) -> Report {
        Report::default()
    }
}
