//! The part of a context that one host may have.

use http::{HeaderMap, HeaderName};
use packdog::{Baggage, Tracer, http::Endpoint, propagation::HeaderKind, span::SpanContext};

use super::Egress;

/// The kinds of headers that one host gets: the rules are looked at once for a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    trace: bool,
    baggage: bool,
}

impl Egress {
    pub(super) fn given_to(&self, endpoint: &Endpoint) -> Given {
        Given { trace: self.gives_trace(endpoint), baggage: self.gives_baggage(endpoint) }
    }

    /// Returns the part of `context` that this host may have. What is withheld is counted, and
    /// `tracer` logs the warnings.
    pub(super) fn admit(
        &self,
        given: Given,
        endpoint: &Endpoint,
        context: SpanContext,
        tracer: &Tracer,
    ) -> SpanContext {
        let context = if given.trace || context.trace_id().is_none() {
            context
        } else {
            self.ledger.withhold(HeaderKind::Trace, endpoint, tracer);
            context.without_trace()
        };
        if context.baggage().is_empty() {
            context
        } else if given.baggage {
            #[cfg(feature = "reqwest")]
            super::carried::remember(endpoint);
            self.baggage_filter.apply(context)
        } else {
            self.ledger.withhold(HeaderKind::Baggage, endpoint, tracer);
            context.with_baggage(Baggage::new())
        }
    }
}

impl Given {
    /// Removes the headers that the host may not have.
    pub(super) fn strip(self, headers: &mut HeaderMap) {
        for (kind, is_given) in
            [(HeaderKind::Trace, self.trace), (HeaderKind::Baggage, self.baggage)]
        {
            if !is_given {
                for name in names(headers, kind) {
                    headers.remove(name);
                }
            }
        }
    }
}

fn names(headers: &HeaderMap, kind: HeaderKind) -> Vec<HeaderName> {
    let is_of_kind = |name: &&HeaderName| HeaderKind::of(name.as_str()) == Some(kind);
    headers.keys().filter(is_of_kind).cloned().collect()
}
