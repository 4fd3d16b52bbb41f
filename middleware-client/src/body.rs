//! The response body of a traced call.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Body, Frame, SizeHint};
use packdog_http::ExchangeBody;
use pin_project_lite::pin_project;

use crate::side::{ClientExchange, ClientSide};

pin_project! {
    /// The body of a response whose span goes on until its end: the frames of the body inside,
    /// unchanged.
    ///
    /// Dropping it finishes the span; if the body had not come to its end, the span is tagged
    /// `http.request.cancelled`.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: ExchangeBody<B, ClientSide>,
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn new(inner: B, exchange: Option<ClientExchange>) -> Self {
        Self { inner: ExchangeBody::new(inner, exchange) }
    }
}

impl<B> Body for ResponseBody<B>
where
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
