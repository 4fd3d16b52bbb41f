//! The clients that all contenders call with, down to a service that responds at once.

use std::{convert::Infallible, future::Ready, marker::PhantomData, task};

use async_trait::async_trait;
use axum::body::{Body, HttpBody};
use http::{Extensions, Request, Response};
use http_body_util::BodyExt;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next, Result};
use tokio::runtime::{Builder, Runtime};
use tower::Service;

use crate::row::Step;

/// A local host, so that baggage goes there as well.
pub(crate) const URL: &str = "http://billing.internal/invoices/42";

/// A service that responds if it gets so many headers.
#[derive(Debug)]
pub(crate) struct Responds<B> {
    headers: usize,
    body: PhantomData<fn(B)>,
}

/// The service at the bottom of tower's clients.
pub(crate) fn service<B>(headers: usize) -> Responds<B> {
    Responds { headers, body: PhantomData }
}

impl<B> Service<Request<B>> for Responds<B> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<std::result::Result<Self::Response, Infallible>>;

    fn poll_ready(
        &mut self,
        _: &mut task::Context<'_>,
    ) -> task::Poll<std::result::Result<(), Infallible>> {
        task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        assert_eq!(request.headers().len(), self.headers);
        std::future::ready(Ok(Response::new(Body::from("paid"))))
    }
}

/// Calls and reads the response to the last byte.
pub(crate) fn tower_step<S, B>(mut service: S, until_the_end: impl Sized + 'static) -> Step
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + 'static,
    B: HttpBody<Error: std::fmt::Debug>,
{
    let runtime = runtime();
    Box::new(move || {
        let _until_the_end = &until_the_end;
        runtime.block_on(async {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = http::Uri::from_static(URL);
            let Ok(response) = service.call(request).await;
            assert_eq!(response.status(), 200);
            response.into_body().collect().await.expect("the body ends");
        });
    })
}

/// The middleware at the bottom of reqwest's clients.
#[derive(Debug)]
struct Bottom {
    headers: usize,
}

#[async_trait]
impl Middleware for Bottom {
    async fn handle(
        &self,
        request: reqwest::Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> Result<reqwest::Response> {
        assert_eq!(request.headers().len(), self.headers);
        Ok(reqwest::Response::from(Response::new("paid")))
    }
}

/// A reqwest client whose calls end before the network, with this many headers.
pub(crate) fn client(
    layered: impl FnOnce(ClientBuilder) -> ClientBuilder,
    headers: usize,
) -> ClientWithMiddleware {
    layered(ClientBuilder::new(reqwest::Client::new())).with(Bottom { headers }).build()
}

/// Calls and lets the response go.
pub(crate) fn reqwest_step(
    client: ClientWithMiddleware,
    until_the_end: impl Sized + 'static,
) -> Step {
    let runtime = runtime();
    Box::new(move || {
        let _until_the_end = &until_the_end;
        runtime.block_on(async { check(client.get(URL).send().await) });
    })
}

pub(crate) fn check(result: Result<reqwest::Response>) {
    assert_eq!(result.expect("the call gets a response").status(), 200);
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}
