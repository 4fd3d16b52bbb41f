//! The part of a context that one host may have.

use std::mem;

use packdog::{Baggage, Tracer, http::Endpoint, propagation::HeaderKind, span::SpanContext};

use super::Egress;

impl Egress {
    /// Removes the part of `context` that this host may not have. What is withheld is counted, and
    /// `tracer` logs the warnings.
    pub(super) fn admit(
        &self,
        endpoint: &Endpoint,
        given: Grant,
        context: &mut SpanContext,
        tracer: &Tracer,
    ) {
        if context.trace_id().is_some() && !given.trace {
            self.ledger.withhold(HeaderKind::Trace, endpoint, tracer);
            *context = mem::take(context).without_trace();
        }
        if context.baggage().is_empty() {
            return;
        }
        if given.baggage {
            self.baggage_filter.apply(context);
        } else {
            self.ledger.withhold(HeaderKind::Baggage, endpoint, tracer);
            *context = mem::take(context).with_baggage(Baggage::new());
        }
    }
}

/// The kinds of headers that a host gets. Each call asks once: rules about hosts take time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant {
    pub(super) trace: bool,
    pub(super) baggage: bool,
}

impl Grant {
    pub(super) fn to(endpoint: &Endpoint, egress: &Egress) -> Self {
        Self { trace: egress.gives_trace(endpoint), baggage: egress.gives_baggage(endpoint) }
    }
}
