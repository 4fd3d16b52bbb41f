//! The response body. The span goes on in it until its last frame, or until it is dropped.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::span::{ServerSpan, in_span};

pin_project! {
    /// The body of a traced response: the frames of the body inside, unchanged.
    ///
    /// Dropping it finishes the span; if the body had not come to its end, the span is tagged
    /// `http.request.cancelled`.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: B,
        // `None` once the exchange has ended.
        span: Option<ServerSpan>,
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn new(inner: B, span: Option<ServerSpan>) -> Self {
        Self { inner, span }
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
        let mut this = self.project();
        let frame = ready!(in_span(this.span, || this.inner.as_mut().poll_frame(cx)));
        if let Some(span) = this.span.take() {
            *this.span = match &frame {
                // A body that knows its end is not polled again for the final `None`.
                Some(Ok(frame)) if !this.inner.is_end_stream() => span.pass(frame),
                Some(Err(error)) => {
                    span.fail_in_body(error);
                    None
                }
                _ => {
                    span.close();
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
