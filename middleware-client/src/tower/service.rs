//! The service: it opens the span of a call, injects, and hands the call on.

use std::{
    fmt::Display,
    marker::PhantomData,
    task::{Context, Poll},
};

use http::{Request, Response, request::Parts};
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

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let exchange = open(&self.tracing, &mut parts);
        let request = Request::from_parts(parts, body);
        ResponseFuture::of_call(exchange, || self.inner.call(request))
    }
}

fn open(tracing: &ClientTracing, parts: &mut Parts) -> Option<ClientExchange> {
    let named = match &tracing.origin {
        Some(origin) if parts.uri.authority().is_none() => {
            Destination::of_uri(origin).with_path(parts.uri.path())
        }
        _ => Destination::of_uri(&parts.uri),
    };
    let destination = match named.host() {
        Some(_) => named,
        None => Destination::of(&parts.uri, &parts.headers),
    };
    let endpoint = named.lent_endpoint();
    let (method, query, headers) = (&parts.method, parts.uri.query(), &parts.headers);
    let head = Head { method, destination, query, endpoint: &endpoint, headers };
    let (exchange, _) = tracing.open(&head, &mut parts.extensions)?;
    tracing.inject(&exchange, &endpoint, &mut parts.headers);
    Some(exchange)
}
