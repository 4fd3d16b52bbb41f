//! The future of a response, which keeps its exchange meanwhile.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use crate::{Exchange, Side};

pin_project! {
    /// A future in the span of an exchange: it returns its output and the exchange.
    ///
    /// The span is current while the future is polled and while it is dropped. Dropping it before
    /// it is ready cancels the exchange.
    #[must_use = "futures do nothing unless polled"]
    pub struct ExchangeFuture<F, S>
    where
        S: Side,
    {
        // `None` once it was dropped inside its span.
        #[pin]
        inner: Option<F>,
        // `None` if it is not traced, and once it was returned.
        exchange: Option<Exchange<S>>,
    }

    impl<F, S> PinnedDrop for ExchangeFuture<F, S>
    where
        S: Side,
    {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.exchange.as_ref().map(|exchange| exchange.span().enter());
            this.inner.set(None);
        }
    }
}

impl<F, S: Side> ExchangeFuture<F, S> {
    /// A future in the span of `exchange`; without one, in the span that is current anyway.
    pub fn new(inner: F, exchange: Option<Exchange<S>>) -> Self {
        Self { inner: Some(inner), exchange }
    }

    /// The future that `call` returns in the span of `exchange`: a service may start spans before
    /// its future is first polled.
    pub fn of_call(exchange: Option<Exchange<S>>, call: impl FnOnce() -> Option<F>) -> Self {
        // The future is large, and made in its place.
        let mut future = Self { inner: None, exchange };
        Exchange::in_span(&mut future.exchange, || future.inner = call());
        future
    }
}

impl<F: Future, S: Side> Future for ExchangeFuture<F, S> {
    type Output = (F::Output, Option<Exchange<S>>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let output = ready!(Exchange::poll_in_span(this.exchange, this.inner, cx));
        Poll::Ready((output, this.exchange.take()))
    }
}

/// Without the future, which need not be `Debug`.
impl<F, S: Side> fmt::Debug for ExchangeFuture<F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeFuture").field("exchange", &self.exchange).finish_non_exhaustive()
    }
}
