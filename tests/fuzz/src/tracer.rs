//! A tracer with real propagation that forgets its spans.

use std::sync::Arc;

use packdog::{Tracer, propagation::Propagator, span::SpanContext};
use packdog_api::implementation::{Chunk, Recorder, RootTags, Settings, TraceStart, TracerParts};

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
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        Some(TraceStart::new(Arc::clone(&self.settings)))
    }

    fn tag_root(&self, parent: &SpanContext, root: &mut RootTags<'_>) {
        for (name, value) in self.propagator.baggage_tags(parent.baggage()) {
            root.set(&name, value);
        }
    }

    fn collect(&self, _: Chunk) {}
}
