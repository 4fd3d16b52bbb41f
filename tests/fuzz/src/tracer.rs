//! A tracer with real propagation that forgets its spans.

use std::{sync::Arc, time::Instant};

use packdog::{
    Report, SamplingMechanism, SamplingPriority, SpanContext, TraceId, Tracer,
    carrier::{Carrier, CarrierMut},
    implementer::{self, Begun, Chunk, Decision, FinishedSpan, Implementer, Settings},
    propagation::Propagator,
};

#[derive(Debug)]
struct Forgetting {
    propagator: Propagator,
    settings: Arc<Settings>,
}

/// A tracer that reads and writes headers by `propagator`.
pub(crate) fn tracer(propagator: Propagator) -> Tracer {
    let settings = Arc::new(Settings::new("fuzzed"));
    implementer::tracer(Arc::new(Forgetting { propagator, settings }))
}

impl Implementer for Forgetting {
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

    fn collect(&self, _: Chunk) {}

    fn flush(&self, _: Instant) -> Report {
        Report::default()
    }

    fn shutdown(&self, _: Instant) -> Report {
        Report::default()
    }
}
