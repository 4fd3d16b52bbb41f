//! One call by either client, so that a rule can be tried on both.

use std::convert::Infallible;

use ::http::{Extensions, Request, Response, StatusCode};
use ::tower::{Layer, ServiceExt, service_fn};
use axum::body::Body;
use hyper_util::{
    client::legacy::{Client as Hyper, connect::HttpConnector},
    rt::TokioExecutor,
};
use packdog::Tracer;
use packdog_client::{ClientTraceLayer, ClientTraceMiddleware, Egress};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};

use super::server::Lines;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Client {
    Tower,
    Reqwest,
}

pub(crate) const BOTH: [Client; 2] = [Client::Tower, Client::Reqwest];

impl Client {
    pub(crate) fn component(self) -> &'static str {
        match self {
            Self::Tower => "tower",
            Self::Reqwest => "reqwest",
        }
    }

    /// The server's response; the error as text.
    pub(crate) async fn call(
        self,
        tracer: &Tracer,
        request: Request<()>,
    ) -> Result<(StatusCode, Lines), String> {
        self.call_with(tracer, None, request).await
    }

    /// Like `call`, with a policy.
    pub(crate) async fn call_with(
        self,
        tracer: &Tracer,
        egress: Option<Egress>,
        request: Request<()>,
    ) -> Result<(StatusCode, Lines), String> {
        match self {
            Self::Tower => {
                let layer = ClientTraceLayer::new().tracer(tracer);
                let layer = match egress {
                    Some(egress) => layer.egress(egress),
                    None => layer,
                };
                let client = layer.layer(hyper());
                let request = request.map(|()| Body::empty());
                let response = client.oneshot(request).await.map_err(|e| e.to_string())?;
                let status = response.status();
                let body = axum::body::to_bytes(Body::new(response.into_body()), usize::MAX);
                Ok((status, serde_json::from_slice(&body.await.unwrap()).unwrap()))
            }
            Self::Reqwest => {
                let middleware = ClientTraceMiddleware::new().tracer(tracer);
                let middleware = match egress {
                    Some(egress) => middleware.egress(egress),
                    None => middleware,
                };
                let client = ClientBuilder::new(bare()).with(middleware).build();
                let mut extensions = request.extensions().clone();
                let request = request.map(|()| "").try_into().unwrap();
                let call = client.execute_with_extensions(request, &mut extensions);
                let response = call.await.map_err(|e| e.to_string())?;
                Ok((response.status(), response.json().await.unwrap()))
            }
        }
    }

    pub(crate) async fn get(
        self,
        tracer: &Tracer,
        url: &str,
    ) -> Result<(StatusCode, Lines), String> {
        self.call(tracer, Request::get(url).body(()).unwrap()).await
    }

    /// A call that gets its response without a network.
    pub(crate) async fn call_nowhere(self, tracer: &Tracer, url: &str) {
        let request = Request::get(url);
        match self {
            Self::Tower => {
                let nowhere = service_fn(async |_| Ok::<_, Infallible>(Response::new(())));
                let client = ClientTraceLayer::new().tracer(tracer).layer(nowhere);
                client.oneshot(request.body(()).unwrap()).await.unwrap();
            }
            Self::Reqwest => {
                let client = ClientBuilder::new(bare())
                    .with(ClientTraceMiddleware::new().tracer(tracer))
                    .with(Nowhere)
                    .build();
                client.execute(request.body("").unwrap().try_into().unwrap()).await.unwrap();
            }
        }
    }
}

pub(crate) fn hyper() -> Hyper<HttpConnector, Body> {
    Hyper::builder(TokioExecutor::new()).build_http()
}

/// Reqwest without tracing, and without the proxies of the machine.
pub(crate) fn bare() -> ::reqwest::Client {
    ::reqwest::Client::builder().no_proxy().build().unwrap()
}

pub(crate) fn reqwest(tracer: &Tracer) -> ClientWithMiddleware {
    ClientBuilder::new(bare()).with(ClientTraceMiddleware::new().tracer(tracer)).build()
}

struct Nowhere;

#[async_trait::async_trait]
impl Middleware for Nowhere {
    async fn handle(
        &self,
        _: ::reqwest::Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<::reqwest::Response> {
        Ok(Response::new("").into())
    }
}
