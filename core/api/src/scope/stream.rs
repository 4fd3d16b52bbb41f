//! A stream that carries a span: the span is current during each poll, and not between polls.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::{CarriedScope, CarriedSpan};

/// Extends streams with `.in_span(span)`, which attaches a span.
pub trait StreamInSpanExt: Stream + Sized {
    /// Makes `span` current during each poll of this stream, and while it is dropped.
    ///
    /// A builder is started by this call. A span that the stream owns, from a builder or an
    /// [`OwnedSpan`](crate::OwnedSpan), finishes when the stream ends or is dropped; a handle
    /// finishes nothing. The span is not current while the consumer handles an item.
    ///
    /// ```
    /// # mod packdog { pub use packdog_api::*; pub mod scope { pub use packdog_api::*; } }
    /// use futures_core::Stream;
    /// use packdog::{scope::StreamInSpanExt, span};
    ///
    /// fn orders(table: impl Stream<Item = u32>) -> impl Stream<Item = u32> {
    ///     table.in_span(span("orders.read"))
    /// }
    /// ```
    fn in_span(self, span: impl Into<CarriedSpan>) -> StreamInSpan<Self> {
        StreamInSpan { inner: Some(self), carried: CarriedScope::new(span) }
    }
}

impl<S: Stream> StreamInSpanExt for S {}

pin_project! {
    /// A stream with a span, made by [`StreamInSpanExt::in_span`]. It is fused: after its end it
    /// yields nothing more.
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct StreamInSpan<S> {
        // `None` once it was dropped inside its span.
        #[pin]
        inner: Option<S>,
        carried: CarriedScope,
    }

    impl<S> PinnedDrop for StreamInSpan<S> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _scope = this.carried.enter();
            this.inner.set(None);
        }
    }
}

impl<S: Stream> Stream for StreamInSpan<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        let scope = this.carried.enter();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let watch = this.carried.watch();
        let item = std::task::ready!(inner.poll_next(cx));
        if item.is_none() {
            this.inner.set(None);
            drop((watch, scope));
            this.carried.let_go();
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;
    use crate::{recorder::tracer, recording::Span, scope::current_span, values::SpanId};

    /// Yields the name of the current span for each item, and sets a tag on the span when dropped.
    struct Countdown(usize);

    impl Stream for Countdown {
        type Item = Option<SpanId>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            let item = (self.0 > 0).then(|| current_span().span_id());
            self.0 = self.0.saturating_sub(1);
            Poll::Ready(item)
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.0, Some(self.0))
        }
    }

    impl Drop for Countdown {
        fn drop(&mut self) {
            current_span().set_tag("dropped inside", true);
        }
    }

    struct Burning;

    impl Stream for Burning {
        type Item = ();

        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<()>> {
            panic!("no bread")
        }
    }

    fn next<S: Stream>(stream: Pin<&mut S>) -> Option<S::Item> {
        match stream.poll_next(&mut Context::from_waker(std::task::Waker::noop())) {
            Poll::Ready(item) => item,
            Poll::Pending => panic!("it never waits"),
        }
    }

    #[test]
    fn the_span_is_current_in_every_poll_and_ends_with_the_stream() {
        let (tracer, recorder) = tracer();
        let span = tracer.span("stream").start();
        let (handle, id) = (span.handle(), span.span_id());
        let mut stream = pin!(Countdown(2).in_span(span));
        assert_eq!(stream.size_hint(), (2, Some(2)));
        assert_eq!([next(stream.as_mut()), next(stream.as_mut())], [Some(id); 2]);
        assert!(current_span().is_nothing());
        assert_eq!(recorder.names().len(), 0, "it is open");
        assert_eq!([next(stream.as_mut()), next(stream.as_mut())], [None; 2]);
        assert_eq!(recorder.names(), [["stream"]]);
        assert_eq!(handle.tag("dropped inside"), Some("true".into()));
        assert_eq!(stream.size_hint(), (0, Some(0)));
    }

    #[test]
    fn a_panic_marks_a_span_that_the_stream_owns_and_is_dropped_later() {
        let (tracer, _recorder) = tracer();
        let span = tracer.span("stream").start();
        let handle = span.handle();
        let mut stream = pin!(Burning.in_span(span));
        let poll = std::panic::AssertUnwindSafe(|| next(stream.as_mut()));
        assert!(std::panic::catch_unwind(poll).is_err());
        assert_eq!(handle.tag("error.type"), Some("panic".into()));
    }

    #[test]
    fn dropping_a_stream_finishes_only_a_span_that_it_owns() {
        let (tracer, recorder) = tracer();
        let span = tracer.span("lent").start();
        drop(Countdown(1).in_span(&*span));
        assert_eq!(span.tag("dropped inside"), Some("true".into()));
        assert_eq!(recorder.names().len(), 0);
        drop(Countdown(1).in_span(span));
        assert_eq!(recorder.names(), [["lent"]]);
        drop(Countdown(1).in_span(Span::nothing()));
    }
}
