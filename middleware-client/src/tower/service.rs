//! The service: it opens the span of a call, injects, and hands the call on.

use std::{
    fmt::Display,
    task::{Context, Poll},
};

use ::tower::Service;
use http::{Request, Response};
use packdog::http::client::Destination;

use super::ResponseFuture;
use crate::span::{ClientSpan, ClientTracing};

/// A client whose calls are traced; made by [`ClientTraceLayer`](crate::ClientTraceLayer).
#[derive(Clone, Debug)]
pub struct ClientTrace<S> {
    inner: S,
    tracing: ClientTracing,
}

impl<S> ClientTrace<S> {
    pub(super) fn new(inner: S, tracing: ClientTracing) -> Self {
        Self { inner, tracing }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ClientTrace<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: Display + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let destination = Destination::of(request.uri(), request.headers());
        let span = self.tracing.open(request.method(), &destination, request.headers());
        if let Some(span) = &span {
            span.inject(request.headers_mut());
        }
        // The inner service may start spans before its future is first polled.
        let inner = {
            let _entered = span.as_ref().map(ClientSpan::enter);
            self.inner.call(request)
        };
        ResponseFuture::new(inner, span)
    }
}
