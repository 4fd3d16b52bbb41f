//! Reads and writes headers with a tracer.

use crate::{
    carrier::{Carrier, CarrierMut},
    recording::Tracer,
    values::SpanContext,
};

impl Tracer {
    /// Reads the trace and baggage from headers. Malformed headers are ignored.
    pub fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        match self.backing() {
            Some(backing) => backing.propagator.extract(carrier), // Written in place.
            None => SpanContext::new(),
        }
    }

    /// Writes the headers with which another service continues `context`; usually called as
    /// [`Span::inject`](crate::Span::inject).
    pub fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) {
        if let Some(backing) = self.backing() {
            backing.propagator.inject(context, carrier);
        }
    }
}
