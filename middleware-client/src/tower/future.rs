//! The call under way: the span is current in each poll, and ends with the head of the response.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use pin_project_lite::pin_project;

use super::error;
use crate::span::ClientSpan;

pin_project! {
    /// The future of a traced call, made by [`ClientTrace`](crate::ClientTrace).
    ///
    /// # Cancellation
    /// Dropping it finishes the span, tagged `http.request.cancelled`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        // Dropped before the span: what it had opened below finishes first.
        #[pin]
        inner: F,
        // `None` if the call is not traced, and once it has ended.
        span: Option<ClientSpan>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, span: Option<ClientSpan>) -> Self {
        Self { inner, span }
    }
}

impl<F, ResBody, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    E: Display + 'static,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let result = {
            let _entered = this.span.as_ref().map(ClientSpan::enter);
            ready!(this.inner.poll(cx))
        };
        if let Some(span) = this.span.take() {
            match &result {
                Ok(response) => span.record_status(response.status()),
                Err(error) => error::record(&span, error),
            }
            span.close();
        }
        Poll::Ready(result)
    }
}

#[cfg(test)]
mod tests {
    use std::future::Ready;

    use super::*;
    use crate::{ClientTrace, ClientTraceLayer};

    #[test]
    fn futures_and_services_go_to_other_threads() {
        fn is_send_and_sync<T: Send + Sync>() {}
        is_send_and_sync::<ResponseFuture<Ready<()>>>();
        is_send_and_sync::<ClientTrace<()>>();
        is_send_and_sync::<ClientTraceLayer>();
    }
}
