//! Writes the headers with which another service continues from a span.

use super::{Kind, Span};
use crate::{carrier::CarrierMut, names, values::SpanContext};

impl Span {
    /// Writes the headers with which another service continues from this span.
    ///
    /// Earlier trace headers of the carrier are replaced, or removed if this span has no value for
    /// them. The first injection makes the sampling decision of the trace if there is none yet.
    pub fn inject(&self, carrier: &mut dyn CarrierMut) {
        self.inject_part(carrier, |context| context);
    }

    /// Like [`inject`](Span::inject), but writes the context that `part` returns: for receivers
    /// that should not get all of it.
    ///
    /// ```
    /// use packdog_api::{Baggage, current_span};
    ///
    /// let mut headers = Vec::<(String, String)>::new();
    /// current_span().inject_part(&mut headers, |context| context.with_baggage(Baggage::new()));
    /// ```
    pub fn inject_part(
        &self,
        carrier: &mut dyn CarrierMut,
        part: impl FnOnce(SpanContext) -> SpanContext,
    ) {
        match &self.0 {
            Kind::Nothing => {}
            Kind::Passing(passing) => passing.inject(&part(passing.context()), carrier),
            Kind::Recording(span) => {
                span.trace.decide();
                let context = part(span.context());
                if let Some(error) = span.trace.backing.propagator.inject(&context, carrier) {
                    let root = span.trace.root();
                    root.edit(|state| state.set_tag(names::PROPAGATION_ERROR.into(), error.into()));
                }
            }
        }
    }
}
