//! The call under way: the span is current in each poll, and ends with the response or its body.

use std::{
    fmt::Display,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use packdog_http::ExchangeFuture;
use pin_project_lite::pin_project;

use super::{AtHead, End};
use crate::side::{ClientExchange, ClientSide};

pin_project! {
    /// The future of a traced call, made by [`ClientTrace`](crate::ClientTrace).
    ///
    /// # Cancellation
    /// Dropping it finishes the span, tagged `http.request.cancelled`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, E = AtHead> {
        #[pin]
        call: ExchangeFuture<F, ClientSide>,
        end: PhantomData<E>,
    }
}

impl<F, E> ResponseFuture<F, E> {
    /// The future that `call` returns; `exchange` is `None` if the call is not traced.
    pub(super) fn of_call(exchange: Option<ClientExchange>, call: impl FnOnce() -> F) -> Self {
        Self { call: ExchangeFuture::of_call(exchange, || Some(call())), end: PhantomData }
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
        let (result, exchange) = ready!(self.project().call.poll(cx));
        Poll::Ready(match result {
            Ok(response) => Ok(E::end(exchange, response)),
            Err(error) => {
                if let Some(mut exchange) = exchange {
                    exchange.on_error(&error);
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
