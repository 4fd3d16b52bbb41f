//! The service: it opens the span of a call, injects, and hands the call on.

use std::{
    fmt::Display,
    marker::PhantomData,
    mem,
    task::{Context, Poll},
};

use http::{Request, Response};
use packdog_http::destination::Destination;
use tower_service::Service;

use super::{AtHead, End, ResponseFuture};
use crate::{
    side::ClientExchange,
    tracing::{ClientTracing, Head},
};

/// A client whose calls are traced; made by [`ClientTraceLayer`](crate::ClientTraceLayer).
#[derive(Clone, Debug)]
pub struct ClientTrace<S, E = AtHead> {
    inner: S,
    tracing: ClientTracing,
    end: PhantomData<E>,
}

impl<S, E> ClientTrace<S, E> {
    pub(super) fn new(inner: S, tracing: ClientTracing) -> Self {
        Self { inner, tracing, end: PhantomData }
    }
}

impl<S, E, ReqBody, ResBody> Service<Request<ReqBody>> for ClientTrace<S, E>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: Display + 'static,
    E: End<ResBody>,
{
    type Response = Response<E::Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, E>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let exchange = open(&self.tracing, &mut request);
        ResponseFuture::of_call(exchange, || self.inner.call(request))
    }
}

fn open<B>(tracing: &ClientTracing, request: &mut Request<B>) -> Option<ClientExchange> {
    // Extensions are one pointer; taking the request apart would move all of it twice.
    let mut extensions = mem::take(request.extensions_mut());
    let (uri, headers) = (request.uri(), request.headers());
    let named = match &tracing.origin {
        Some(origin) if uri.authority().is_none() => {
            Destination::of_uri(origin).with_path(uri.path())
        }
        _ => Destination::of_uri(uri),
    };
    let destination = match named.host() {
        Some(_) => named,
        None => Destination::of(uri, headers),
    };
    let endpoint = named.lent_endpoint();
    let (method, query) = (request.method(), uri.query());
    let head = Head { method, destination, query, endpoint: &endpoint, headers };
    let opened = tracing.open(&head, &mut extensions);
    *request.extensions_mut() = extensions;
    let (exchange, _) = opened?;
    tracing.inject(&exchange, &endpoint, request.headers_mut());
    Some(exchange)
}
