//! Reads and writes the headers of traces and baggage with the current tracer.

use crate::{
    carrier::{Carrier, CarrierMut},
    recording::Tracer,
    scope::current_span,
    values::SpanContext,
};

/// Reads the trace and baggage from headers; empty if no tracer is installed.
///
/// Malformed headers are ignored.
///
/// ```
/// # use packdog_api as packdog;
/// use packdog::{propagation, span};
///
/// fn on_message(headers: &[(String, String)]) {
///     let context = propagation::extract(headers);
///     let span = span("queue.process").child_of(context).start();
/// #   drop(span);
/// }
/// # on_message(&[]);
/// ```
pub fn extract<C: Carrier + ?Sized>(carrier: &C) -> SpanContext {
    Tracer::current().extract(&Borrowed(carrier))
}

/// Writes the headers with which another service continues the trace from the current span.
///
/// The receiver gets all baggage, as from [`Span::inject`](crate::Span::inject).
///
/// ```
/// # use packdog_api as packdog;
/// let mut headers = Vec::<(String, String)>::new();
/// packdog::propagation::inject(&mut headers);
/// ```
pub fn inject(carrier: &mut dyn CarrierMut) {
    current_span().inject(carrier);
}

/// An unsized carrier, such as a slice, as a trait object.
struct Borrowed<'c, C: ?Sized>(&'c C);

impl<C: Carrier + ?Sized> Carrier for Borrowed<'_, C> {
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        self.0.for_each(visit);
    }

    #[cfg(feature = "http")]
    fn as_header_map(&self) -> Option<&http::HeaderMap> {
        self.0.as_header_map()
    }
}
