//! The response body of a traced request.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Body, Frame, SizeHint};
use packdog_http::ExchangeBody;
use pin_project_lite::pin_project;
use tower_http::classify::ClassifyResponse;

use crate::{
    ErrorStatuses,
    side::{ServerExchange, ServerSide},
};

pin_project! {
    /// The body of a traced response: the frames of the body inside, unchanged.
    ///
    /// Dropping it finishes the span; if the body had not come to its end, the span is tagged
    /// `http.request.cancelled`.
    #[derive(Debug)]
    pub struct ResponseBody<B, C = ErrorStatuses>
    where
        C: ClassifyResponse,
        C::FailureClass: Display,
    {
        #[pin]
        inner: ExchangeBody<B, ServerSide<C>>,
    }
}

impl<B, C> ResponseBody<B, C>
where
    C: ClassifyResponse,
    C::FailureClass: Display,
{
    pub(crate) fn new(inner: B, exchange: Option<ServerExchange<C>>) -> Self {
        Self { inner: ExchangeBody::new(inner, exchange) }
    }
}

impl<B, C> Body for ResponseBody<B, C>
where
    C: ClassifyResponse,
    C::FailureClass: Display,
    B: Body,
    B::Error: Display + 'static,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
