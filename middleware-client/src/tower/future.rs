//! The call under way: the span is current in each poll, and ends with the response or its body.

use std::{
    fmt::Display,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use pin_project_lite::pin_project;

use super::{AtHead, End};
use crate::{error, span::ClientSpan};

pin_project! {
    /// The future of a traced call, made by [`ClientTrace`](crate::ClientTrace).
    ///
    /// # Cancellation
    /// Dropping it finishes the span, tagged `http.request.cancelled`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, E = AtHead> {
        // Dropped before the span: what it had opened below finishes first.
        #[pin]
        inner: F,
        // `None` if the call is not traced, and once it has ended.
        span: Option<ClientSpan>,
        end: PhantomData<E>,
    }
}

impl<F, E> ResponseFuture<F, E> {
    pub(super) fn new(inner: F, span: Option<ClientSpan>) -> Self {
        Self { inner, span, end: PhantomData }
    }
}

impl<F, B, Error, E> Future for ResponseFuture<F, E>
where
    F: Future<Output = Result<Response<B>, Error>>,
    Error: Display + 'static,
    E: End<B>,
{
    type Output = Result<Response<E::Body>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = {
            let _entered = this.span.as_ref().map(ClientSpan::enter);
            ready!(this.inner.poll(cx))
        };
        let span = this.span.take();
        Poll::Ready(match result {
            Ok(response) => Ok(E::end(span, response)),
            Err(error) => {
                if let Some(span) = span {
                    error::record(span, &error);
                }
                Err(error)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::Ready;

    use super::*;
    use crate::{AtBodyEnd, ClientTrace, ClientTraceLayer, Egress, ResponseBody};

    #[test]
    fn futures_and_services_go_to_other_threads() {
        fn is_send_and_sync<T: Send + Sync>() {}
        is_send_and_sync::<ResponseFuture<Ready<()>>>();
        is_send_and_sync::<ResponseFuture<Ready<()>, AtBodyEnd>>();
        is_send_and_sync::<ResponseBody<()>>();
        is_send_and_sync::<ClientTrace<()>>();
        is_send_and_sync::<ClientTraceLayer>();
        is_send_and_sync::<Egress>();
    }
}
