//! The future of the response head. Dropping it before it is ready means that the client hung up.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use packdog_http::Exchange;
use pin_project_lite::pin_project;
use tower_http::classify::ClassifyResponse;

use crate::{
    ErrorStatuses, ResponseBody,
    side::{self, ServerExchange},
};

pin_project! {
    /// The future of a traced request.
    ///
    /// # Cancellation
    /// Dropping it finishes the span, tagged `http.request.cancelled`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, C = ErrorStatuses>
    where
        C: ClassifyResponse,
        C::FailureClass: Display,
    {
        // `None` once it was dropped inside its span.
        #[pin]
        inner: Option<F>,
        // `None` if this layer does not trace the request.
        exchange: Option<ServerExchange<C>>,
    }

    impl<F, C> PinnedDrop for ResponseFuture<F, C>
    where
        C: ClassifyResponse,
        C::FailureClass: Display,
    {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.exchange.as_ref().map(|exchange| exchange.span().enter());
            this.inner.set(None);
        }
    }
}

impl<F, C> ResponseFuture<F, C>
where
    C: ClassifyResponse,
    C::FailureClass: Display,
{
    pub(crate) fn new(exchange: Option<ServerExchange<C>>) -> Self {
        Self { inner: None, exchange }
    }

    /// Calls the inner service, which may start spans before its future is first polled.
    pub(crate) fn begin_with(&mut self, call: impl FnOnce() -> Option<F>) {
        let Self { inner, exchange } = self;
        Exchange::in_span(exchange, || *inner = call());
    }
}

impl<F, C, B, E> Future for ResponseFuture<F, C>
where
    C: ClassifyResponse,
    C::FailureClass: Display,
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    E: Display + 'static,
{
    type Output = Result<Response<ResponseBody<B, C>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut result = ready!(Exchange::poll_in_span(this.exchange, this.inner, cx));
        if let Some(exchange) = this.exchange {
            match &mut result {
                Ok(response) => side::on_response(exchange, response),
                Err(error) => exchange.on_error(error),
            }
        }
        let exchange = this.exchange.take();
        Poll::Ready(result.map(|response| response.map(|inner| ResponseBody::new(inner, exchange))))
    }
}
