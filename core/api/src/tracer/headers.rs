//! Reading and writing headers with a tracer.

use crate::{
    carrier::{Carrier, CarrierMut},
    recording::Tracer,
    values::SpanContext,
};

impl Tracer {
    /// Reads trace and baggage from headers. What is malformed is as if absent.
    pub fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        self.backing().map(|backing| backing.propagator.extract(carrier)).unwrap_or_default()
    }

    /// Writes the headers by which `context` is continued; usually called as
    /// [`Span::inject`](crate::Span::inject).
    pub fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) {
        if let Some(backing) = self.backing() {
            backing.propagator.inject(context, carrier);
        }
    }
}
