//! Spans that record nothing and pass on their context.

use crate::{
    recording::{Span, Tracer},
    values::SpanContext,
};

impl Span {
    /// Returns a span that records nothing and passes `context` on: injection writes the received
    /// context with its baggage.
    ///
    /// Its descendants pass on the same context, unless that has no trace: then the first span
    /// below starts a new trace with that baggage.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use packdog::{Span, propagation};
    ///
    /// fn forward(received: &[(String, String)]) -> Vec<(String, String)> {
    ///     let mut headers = Vec::new();
    ///     Span::passing(propagation::extract(received)).inject(&mut headers);
    ///     headers
    /// }
    /// # assert!(forward(&[]).is_empty());
    /// ```
    pub fn passing(context: SpanContext) -> Self {
        let is_ignored = context.trace_id().is_some();
        Self::passing_of(&Tracer::current(), context, is_ignored)
    }

    /// Returns a span that records nothing and whose descendants continue `context`, also its trace.
    #[doc(hidden)]
    pub fn continuing(context: SpanContext) -> Self {
        Self::passing_of(&Tracer::current(), context, false)
    }

    /// Like [`passing`](Span::passing), but its descendants never record, whatever the context
    /// holds. For requests that should not be traced, such as health checks.
    pub fn ignored(context: SpanContext) -> Self {
        Self::passing_of(&Tracer::current(), context, true)
    }
}
