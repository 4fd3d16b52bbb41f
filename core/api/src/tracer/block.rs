//! Spans around a synchronous or asynchronous closure.

use super::SpanBuilder;
use crate::{recording::Span, scope::InSpanExt, trace_err::TraceErr};

impl SpanBuilder {
    /// Starts the span and calls `f` with it while it is current; the span ends with the call.
    ///
    /// The closure of [`Span::in_scope`], on a span that has started already, takes no argument.
    pub fn in_scope<T>(self, f: impl FnOnce(&Span) -> T) -> T {
        let span = self.start();
        let _scope = span.enter();
        f(&span)
    }

    /// Starts the span and awaits `f` with the span current during each poll. The span ends with
    /// the future, also if that is dropped.
    pub async fn in_async_scope<T>(self, f: impl AsyncFnOnce(&Span) -> T) -> T {
        let span = self.start();
        let handle = span.handle();
        async { f(&handle).await }.in_span(span).await
    }

    /// Like [`in_scope`](SpanBuilder::in_scope), and an `Err` marks the span, as
    /// [`trace_err`](TraceErr::trace_err) does.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use packdog::span;
    ///
    /// let slices = span("order.parse").try_in_scope(|_| "many".parse::<u32>());
    /// assert!(slices.is_err());
    /// ```
    pub fn try_in_scope<R: TraceErr<By>, By>(self, f: impl FnOnce(&Span) -> R) -> R {
        self.in_scope(|span| f(span).trace_err())
    }

    /// Like [`in_async_scope`](SpanBuilder::in_async_scope), and an `Err` marks the span.
    pub async fn try_in_async_scope<R: TraceErr<By>, By>(
        self,
        f: impl AsyncFnOnce(&Span) -> R,
    ) -> R {
        self.in_async_scope(async |span| f(span).await.trace_err()).await
    }
}
