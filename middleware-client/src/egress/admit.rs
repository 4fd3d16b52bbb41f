//! The part of a context that one host may have.

use packdog::{Baggage, Tracer, http::Endpoint, propagation::HeaderKind, span::SpanContext};

use super::Egress;

impl Egress {
    /// Returns the part of `context` that this host may have. What is withheld is counted, and
    /// `tracer` logs the warnings.
    pub(super) fn admit(
        &self,
        endpoint: &Endpoint,
        context: SpanContext,
        tracer: &Tracer,
    ) -> SpanContext {
        let context = if context.trace_id().is_none() || self.gives_trace(endpoint) {
            context
        } else {
            self.ledger.withhold(HeaderKind::Trace, endpoint, tracer);
            context.without_trace()
        };
        if context.baggage().is_empty() {
            context
        } else if self.gives_baggage(endpoint) {
            self.baggage_filter.apply(context)
        } else {
            self.ledger.withhold(HeaderKind::Baggage, endpoint, tracer);
            context.with_baggage(Baggage::new())
        }
    }
}
