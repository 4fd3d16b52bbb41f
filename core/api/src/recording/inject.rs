//! Writes the headers with which another service continues from a span.

use super::{Kind, Span};
use crate::{carrier::CarrierMut, names, values::SpanContext};

impl Span {
    /// Writes the headers with which another service continues from this span.
    ///
    /// Earlier trace headers of the carrier are replaced, or removed if this span has no value for
    /// them. The first injection makes the sampling decision of the trace if there is none yet.
    ///
    /// The receiver gets all baggage, because a carrier names no host. For an HTTP request to a host
    /// that may not have it, or that may redirect to one, use `Egress::inject` of `packdog-client`,
    /// which knows the URL.
    pub fn inject(&self, carrier: &mut dyn CarrierMut) {
        self.inject_context(&self.outgoing_context(), carrier);
    }

    /// Returns the context that [`inject`](Span::inject) writes. Makes the sampling decision of the
    /// trace if there is none yet.
    pub fn outgoing_context(&self) -> SpanContext {
        if let Kind::Recording(span) = &self.0 {
            span.trace.decide();
        }
        self.context()
    }

    /// Like [`inject`](Span::inject), but writes this context: for receivers that should get a part
    /// of this span's context.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use packdog::{Baggage, current_span};
    ///
    /// let span = current_span();
    /// let context = span.outgoing_context().with_baggage(Baggage::new());
    /// let mut headers = Vec::<(String, String)>::new();
    /// span.inject_context(&context, &mut headers);
    /// ```
    pub fn inject_context(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) {
        match &self.0 {
            Kind::Nothing => {}
            Kind::Passing(passing) => passing.inject(context, carrier),
            Kind::Recording(span) => {
                if let Some(error) = span.trace.backing.propagator.inject(context, carrier) {
                    let root = span.trace.root();
                    root.edit(|state| state.set_tag(names::PROPAGATION_ERROR, &error.into()));
                }
            }
        }
    }
}
