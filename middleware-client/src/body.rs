//! The response body. The span goes on in it until its last frame, or until it is dropped.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{error, span::ClientSpan};

pin_project! {
    /// The body of a response whose span goes on until its end: the frames of the body inside,
    /// unchanged.
    ///
    /// Dropping it finishes the span; if the body had not come to its end, the span is tagged
    /// `http.request.cancelled`.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        // Dropped before the span: what it had opened below finishes first.
        #[pin]
        inner: B,
        // `None` if the call is not traced, and once it has ended.
        span: Option<ClientSpan>,
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn new(inner: B, span: Option<ClientSpan>) -> Self {
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
        let frame = {
            let _entered = this.span.as_ref().map(ClientSpan::enter);
            ready!(this.inner.as_mut().poll_frame(cx))
        };
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
                    error::record(span, error);
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
