//! A tracer with real propagation that forgets its spans.

use std::sync::Arc;

use packdog::{Tracer, propagation::Propagator, span::SpanContext};
use packdog_api::implementation::{Chunk, Recorder, Settings, TraceStart, TracerParts};

#[derive(Debug)]
struct Forgetting {
    propagator: Arc<Propagator>,
    settings: Arc<Settings>,
}

/// A tracer that reads and writes headers by `propagator`.
pub(crate) fn tracer(propagator: Propagator) -> Tracer {
    let settings = Arc::new(Settings::new("fuzzed"));
    let propagator = Arc::new(propagator);
    let recorder = Forgetting { propagator: Arc::clone(&propagator), settings };
    TracerParts::new(Arc::new(recorder)).propagator(propagator).build()
}

impl Recorder for Forgetting {
    fn begin(&self, parent: &SpanContext) -> Option<TraceStart> {
        let mut start = TraceStart::new(Arc::clone(&self.settings));
        let tags = self.propagator.baggage_tags(parent.baggage());
        start.tags.extend(tags.map(|(name, value)| (name, value.into())));
        Some(start)
    }

    fn collect(&self, _: Chunk) {}
}
