//! The future of the response head. Dropping it before it is ready means that the client hung up.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use packdog_http::ExchangeFuture;
use pin_project_lite::pin_project;
use tower_http::classify::ClassifyResponse;

use crate::{
    ErrorStatuses, ResponseBody,
    side::{self, ServerExchange, ServerSide},
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
        #[pin]
        call: ExchangeFuture<F, ServerSide<C>>,
    }
}

impl<F, C> ResponseFuture<F, C>
where
    C: ClassifyResponse,
    C::FailureClass: Display,
{
    /// The future that `call` returns; `exchange` is `None` if this layer does not trace the request.
    pub(crate) fn of_call(
        exchange: Option<ServerExchange<C>>,
        call: impl FnOnce() -> Option<F>,
    ) -> Self {
        Self { call: ExchangeFuture::of_call(exchange, call) }
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
        let (mut result, mut exchange) = ready!(self.project().call.poll(cx));
        if let Some(exchange) = &mut exchange {
            match &mut result {
                Ok(response) => side::on_response(exchange, response),
                Err(error) => exchange.on_error(error),
            }
        }
        Poll::Ready(result.map(|response| response.map(|inner| ResponseBody::new(inner, exchange))))
    }
}
