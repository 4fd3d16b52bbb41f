//! The future of the response head. Dropped before it is ready, it means that the client hung up.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use crate::{
    ResponseBody,
    span::{ServerSpan, in_span},
};

pin_project! {
    /// The future of a traced request.
    ///
    /// # Cancellation
    /// Dropping it finishes the span, tagged `http.request.cancelled`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // `None` where an outer layer traces the request, or nobody does.
        span: Option<ServerSpan>,
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) fn new(inner: F, span: Option<ServerSpan>) -> Self {
        Self { inner, span }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    E: Display + 'static,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(in_span(this.span, || this.inner.poll(cx)));
        let span = this.span.take().and_then(|span| match &result {
            Ok(response) => span.answer(response),
            Err(error) => {
                span.fail_in_head(error);
                None
            }
        });
        Poll::Ready(result.map(|response| response.map(|inner| ResponseBody::new(inner, span))))
    }
}
