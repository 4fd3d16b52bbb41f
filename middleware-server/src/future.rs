//! The future of the response head. Dropped before it is ready, it means that the client hung up.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use tower_http::classify::ClassifyResponse;

use crate::{
    ErrorStatuses, ResponseBody,
    span::{ServerSpan, in_span},
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
    {
        #[pin]
        inner: F,
        // `None` where an outer layer traces the request, or nobody does.
        span: Option<ServerSpan<C>>,
    }
}

impl<F, C: ClassifyResponse> ResponseFuture<F, C> {
    pub(crate) fn new(inner: F, span: Option<ServerSpan<C>>) -> Self {
        Self { inner, span }
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
        let mut result = ready!(in_span(this.span, || this.inner.poll(cx)));
        let span = this.span.take().and_then(|span| match &mut result {
            Ok(response) => span.answer(response),
            Err(error) => {
                span.fail_in_head(error);
                None
            }
        });
        Poll::Ready(result.map(|response| response.map(|inner| ResponseBody::new(inner, span))))
    }
}
