//! A span that is open and current until the end of a block.

use std::{fmt, ops::Deref};

use super::SpanBuilder;
use crate::{
    recording::{OwnedSpan, Span},
    scope::SpanScope,
};

/// A span that is current on this thread until dropped, and then finishes; returned by
/// [`SpanBuilder::enter`].
///
/// Like [`SpanScope`] it stays on its thread and cannot be held across an `.await` of a spawned
/// future.
#[must_use = "the span is current and open only while this lives"]
pub struct EnteredSpan {
    // Dropped first, so that a finished span is never current.
    _scope: SpanScope,
    span: OwnedSpan,
}

impl SpanBuilder {
    /// Starts the span and makes it current until the returned guard is dropped, which also
    /// finishes it.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use packdog::span;
    ///
    /// fn slice_bread() {
    ///     let span = span("bread.slice").enter();
    ///     span.set_tag("slices", 12);
    /// } // The span ends here.
    /// # slice_bread();
    /// ```
    pub fn enter(self) -> EnteredSpan {
        let span = self.start();
        EnteredSpan { _scope: span.enter(), span }
    }
}

impl fmt::Debug for EnteredSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.span.fmt(f)
    }
}

impl Deref for EnteredSpan {
    type Target = Span;

    fn deref(&self) -> &Span {
        &self.span
    }
}

#[cfg(test)]
mod tests {
    use crate::{recorder::tracer, scope::current_span, span};

    #[test]
    fn the_span_is_current_and_open_until_the_end_of_the_block() {
        let (tracer, recorder) = tracer();
        let _scope = tracer.enter();
        {
            let outer = span("outer").enter();
            let _inner = span("inner").enter();
            assert_ne!(current_span().span_id(), outer.span_id());
            assert_eq!(current_span().root().span_id(), outer.span_id());
        }
        assert!(current_span().is_nothing());
        assert_eq!(recorder.names(), [["outer", "inner"]]);
    }

    #[test]
    fn guards_dropped_out_of_order_finish_their_own_spans() {
        let (tracer, recorder) = tracer();
        let _scope = tracer.enter();
        let outer = span("outer").enter();
        let inner = span("inner").enter();
        drop(outer);
        assert_eq!(current_span().span_id(), inner.span_id());
        drop(inner);
        assert!(current_span().is_nothing());
        assert_eq!(recorder.names(), [["outer", "inner"]]);
    }
}
