//! The response body. The span stays open until its last frame, or until it is dropped.

use std::{
    fmt::{self, Display},
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};
use packdog::Span;
use pin_project_lite::pin_project;

use crate::{Exchange, Side};

pin_project! {
    /// The body of a traced response: the frames of the body inside, unchanged.
    ///
    /// The span is current while the body is polled and while it is dropped. Dropping it before
    /// its end cancels the exchange.
    pub struct ExchangeBody<B, S>
    where
        S: Side,
    {
        // `None` once it has ended, and was dropped inside its span.
        #[pin]
        inner: Option<B>,
        // `None` if the exchange is not traced, and once it has ended.
        exchange: Option<Exchange<S>>,
        // The span of an exchange that has ended before the body.
        ended: Option<Span>,
    }

    impl<B, S> PinnedDrop for ExchangeBody<B, S>
    where
        S: Side,
    {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.inner.is_none() {
                return; // Nearly always: a scope costs as much as recording the response.
            }
            let open = this.exchange.as_ref().map(|exchange| &**exchange.span());
            let _entered = open.or(this.ended.as_ref()).map(Span::enter);
            this.inner.set(None);
        }
    }
}

impl<B, S: Side> ExchangeBody<B, S> {
    /// A body that ends `exchange` with its own end, unless the exchange is over already.
    pub fn new(inner: B, mut exchange: Option<Exchange<S>>) -> Self {
        let ended = take_ended(&mut exchange);
        Self { inner: Some(inner), exchange, ended }
    }
}

/// Ends an exchange that is over, and returns its span.
fn take_ended<S: Side>(exchange: &mut Option<Exchange<S>>) -> Option<Span> {
    let ended = exchange.take_if(|exchange| exchange.is_over())?;
    Some(Span::clone(ended.span()))
}

/// Without the side, which need not be `Debug`.
impl<B: fmt::Debug, S: Side> fmt::Debug for ExchangeBody<B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeBody")
            .field("inner", &self.inner)
            .field("exchange", &self.exchange)
            .finish()
    }
}

impl<B, S> Body for ExchangeBody<B, S>
where
    S: Side,
    B: Body,
    B::Error: Display + 'static,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let body = this.inner.as_mut();
        let frame = ready!(Exchange::poll_body_in_span(this.exchange, body, cx));
        if let Some(exchange) = this.exchange {
            match &frame {
                Some(Ok(frame)) => exchange.on_frame(frame),
                Some(Err(error)) => exchange.on_error(error),
                None => exchange.on_end(None),
            }
            if this.inner.is_none() {
                if !exchange.is_over() {
                    exchange.on_end(None);
                }
                *this.exchange = None;
            } else if exchange.is_over() {
                *this.ended = take_ended(this.exchange);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}
