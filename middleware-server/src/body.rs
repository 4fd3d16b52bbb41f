//! The response body. The span goes on in it until its last frame, or until it is dropped.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_http::classify::ClassifyResponse;

use crate::ErrorStatuses;
use crate::span::{ServerSpan, in_span};

pin_project! {
    /// The body of a traced response: the frames of the body inside, unchanged.
    ///
    /// Dropping it finishes the span; if the body had not come to its end, the span is tagged
    /// `http.request.cancelled`.
    #[derive(Debug)]
    pub struct ResponseBody<B, C = ErrorStatuses>
    where
        C: ClassifyResponse,
    {
        #[pin]
        inner: B,
        // `None` once the exchange has ended.
        span: Option<ServerSpan<C>>,
    }
}

impl<B, C: ClassifyResponse> ResponseBody<B, C> {
    pub(crate) fn new(inner: B, span: Option<ServerSpan<C>>) -> Self {
        Self { inner, span }
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
        let mut this = self.project();
        let frame = ready!(in_span(this.span, || this.inner.as_mut().poll_frame(cx)));
        if let Some(span) = this.span.take() {
            *this.span = match &frame {
                Some(Ok(frame)) => match span.pass(frame) {
                    // A body that knows its end is not polled again for the final `None`.
                    Some(span) if this.inner.is_end_stream() => {
                        span.complete(None);
                        None
                    }
                    span => span,
                },
                Some(Err(error)) => {
                    span.fail_in_body(error);
                    None
                }
                None => {
                    span.complete(None);
                    None
                }
            };
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
