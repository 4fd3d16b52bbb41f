//! Spans that record nothing and pass on the context that they are given.

use crate::{
    recording::{Span, Tracer},
    values::SpanContext,
};

impl Span {
    /// A span that records nothing and passes `context` on: what is injected from it is the
    /// received context with its baggage.
    ///
    /// Spans started below it pass on the same, unless the context names no trace: then the
    /// first span below starts a new trace with that baggage.
    ///
    /// ```
    /// use packdog_api::{Span, propagation};
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

    /// Like [`passing`](Span::passing), but whatever the context holds, no span below it records.
    /// For requests that are not to be seen, such as health checks.
    pub fn ignored(context: SpanContext) -> Self {
        Self::passing_of(&Tracer::current(), context, true)
    }
}
