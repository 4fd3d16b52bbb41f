//! Values that hold a tracer are printed without its configuration: they are fields of others, and
//! end on lines of a log.

use std::fmt;

use axum::{Router, body::Body, extract::FromRequestParts};
use http::Request;
use packdog::{Config, InSpanExt, Span};
use packdog_client::{ClientTraceLayer, ClientTraceMiddleware, Egress};
use packdog_server::{
    ActiveBaggage, ActiveSpan, Handshake, Ingress, RootSpan, ServerTraceLayer, TraceContext,
};
use tower::{BoxError, Layer, Service, service_fn};

/// A line of a log has room for that.
const MAX_BYTES: usize = 500;
const SECRET: &str = "hunter2";

fn check(value: &impl fmt::Debug) {
    let text = format!("{value:?}");
    assert!(text.len() <= MAX_BYTES, "{} bytes: {text}", text.len());
    assert!(!text.contains(SECRET), "{text}");
    assert!(!text.contains("DD_"), "{text}");
}

#[tokio::test]
async fn no_value_prints_the_configuration_or_the_baggage() {
    let packdog = Config::new()
        .with_agent_url("http://127.0.0.1:1")
        .with_service("users")
        .with_tag("secret", SECRET)
        .build()
        .unwrap();
    let tracer = packdog.tracer();
    check(&packdog);
    check(tracer);
    check(&tracer.span("job"));
    let _current = tracer.enter();
    let span = tracer.span("job").start();
    span.baggage().set("password", SECRET);
    check(&span);
    check(&span.handle());
    check(&span.baggage());
    check(&Span::nothing());
    check(&std::future::ready(()).in_span(span.handle()));
    let _entered = span.enter();
    check(&Handshake::current());

    let hosts = (0..100).map(|n| format!("host{n}.test")).collect::<Vec<_>>();
    let ingress = (0..100).fold(Ingress::trusting_none(), |ingress, n| {
        ingress.trust_network(&format!("10.0.{n}.0/24")).unwrap()
    });
    let server = ServerTraceLayer::new().tracer(tracer).ingress(ingress);
    let client = ClientTraceLayer::new().tracer(tracer).egress(Egress::new().baggage_to(&hosts));
    let middleware = ClientTraceMiddleware::new().tracer(tracer);
    check(&server);
    check(&client);
    check(&middleware);
    let inner = || {
        service_fn(async |_: Request<Body>| Ok::<_, BoxError>(http::Response::new(Body::empty())))
    };
    let (mut served, mut called) = (server.layer(Router::new()), client.layer(Pending));
    check(&served);
    check(&called);
    check(&Service::<Request<Body>>::call(&mut called, Request::default()));
    drop(Service::<Request<Body>>::call(&mut served, Request::default()));
    let response = server.layer(inner()).call(Request::default()).await.unwrap();
    check(response.body());

    let mut parts = Request::new(()).into_parts().0;
    check(&ActiveSpan::from_request_parts(&mut parts, &()).await.unwrap());
    check(&RootSpan::from_request_parts(&mut parts, &()).await.unwrap());
    check(&ActiveBaggage::from_request_parts(&mut parts, &()).await.unwrap());
    check(&TraceContext::from_request_parts(&mut parts, &()).await.unwrap());
}

/// A service that never responds.
#[derive(Debug)]
struct Pending;

impl<R> Service<R> for Pending {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = std::future::Pending<Result<Self::Response, BoxError>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), BoxError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: R) -> Self::Future {
        std::future::pending()
    }
}
