//! A future that carries a span: the span is current during each poll, and not between polls.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{CarriedScope, CarriedSpan};

/// Extends futures with `.in_span(span)`, which attaches a span.
pub trait InSpanExt: Future + Sized {
    /// Makes `span` current during each poll of this future, and while it is dropped.
    ///
    /// A builder is started by this call. A span that the future owns, from a builder or an
    /// [`OwnedSpan`](crate::OwnedSpan), finishes when the future is ready or dropped; a handle
    /// finishes nothing.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use packdog::{InSpanExt, span};
    ///
    /// async fn fetch() {}
    /// async fn pantry() {
    ///     fetch().in_span(span("pantry.fetch")).await;
    /// }
    /// ```
    fn in_span(self, span: impl Into<CarriedSpan>) -> InSpan<Self> {
        InSpan { inner: Some(self), carried: CarriedScope::new(span) }
    }
}

impl<F: Future> InSpanExt for F {}

pin_project! {
    /// A future with a span, made by [`InSpanExt::in_span`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InSpan<F> {
        // `None` once it was dropped inside its span.
        #[pin]
        inner: Option<F>,
        carried: CarriedScope,
    }

    impl<F> PinnedDrop for InSpan<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _scope = this.carried.enter();
            this.inner.set(None);
        }
    }
}

impl<F: Future> Future for InSpan<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let scope = this.carried.enter();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Pending; // Polled again after it was ready.
        };
        let watch = this.carried.watch();
        let output = std::task::ready!(inner.poll(cx));
        this.inner.set(None);
        drop((watch, scope));
        this.carried.let_go();
        Poll::Ready(output)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        panic::{AssertUnwindSafe, catch_unwind},
        pin::pin,
        task::Waker,
    };

    use super::*;
    use crate::recorder::tracer;

    #[test]
    fn a_panic_marks_a_span_that_the_future_owns_and_is_dropped_later() {
        let (tracer, _recorder) = tracer();
        for is_owned in [true, false] {
            let mut span = tracer.span("future").start();
            let handle = span.handle();
            let carried: CarriedSpan =
                if is_owned { std::mem::take(&mut span).into() } else { handle.clone().into() };
            let mut future = pin!(poll_fn(|_| -> Poll<()> { panic!("no bread") }).in_span(carried));
            let poll = || future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(catch_unwind(AssertUnwindSafe(poll)).is_err());
            let error_type = handle.tag("error.type");
            assert_eq!(error_type, is_owned.then(|| "panic".into()), "owned: {is_owned}");
        }
    }
}
