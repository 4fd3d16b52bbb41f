//! The layers of servers and clients, over the same service without a layer.

use std::{convert::Infallible, future::ready};

use allocation_counter::measure;
use axum::{Router, body::Body, extract::Path, routing::get};
use http::{Request, Response};
use http_body_util::BodyExt;
use packdog_client::ClientTraceLayer;
use packdog_server::ServerTraceLayer;
use tokio::runtime::Builder;
use tower::{Layer, Service, service_fn};

use crate::request::{TRACE_HEADERS, headers};

/// The most that the layer may add to a request. Three are boxes of axum: the service, its future
/// and the body. One is the map of extensions, which grows, and one the received context. The others
/// are the span, whose texts lie in it.
const SERVER: i64 = 9;
/// The most that the layer may add to a call. Three are the headers, three the counter of attempts
/// among the extensions. The others are the span.
const CLIENT: i64 = 8;
/// Requests before the counted ones: buffers of the thread are allocated by then.
const WARM_UP: usize = 50;
/// Requests that are counted together, since queues and lists grow now and then.
const REQUESTS: i64 = 100;

fn router() -> Router {
    async fn user(Path(id): Path<u64>) -> String {
        format!("user {id}")
    }
    Router::new().route("/users/{id}", get(user))
}

/// The allocations of one request to this router, to the last byte of its response.
fn of_request(app: Router) -> i64 {
    let mut app: Router = app.with_state(());
    let headers = headers();
    per_step(async || {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = http::Uri::from_static("/users/42?verbose=true");
        *request.headers_mut() = headers.clone();
        let Ok(response) = Service::<Request<Body>>::call(&mut app, request).await;
        assert_eq!(response.status(), 200);
        response.into_body().collect().await.unwrap();
    })
}

/// The allocations of one call with this client, to the last byte of the response.
fn of_call<S, B>(mut client: S) -> i64
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    B: http_body::Body<Error: std::fmt::Debug>,
{
    per_step(async || {
        let mut request = Request::new(Body::empty());
        // A local host, so that baggage goes there as well.
        *request.uri_mut() = http::Uri::from_static("http://billing.internal/invoices/42");
        let Ok(response) = client.call(request).await;
        assert_eq!(response.status(), 200);
        response.into_body().collect().await.unwrap();
    })
}

fn per_step(mut step: impl AsyncFnMut()) -> i64 {
    let runtime = Builder::new_current_thread().build().unwrap();
    for _ in 0..WARM_UP {
        runtime.block_on(step());
    }
    let allocations = measure(|| {
        for _ in 0..REQUESTS {
            runtime.block_on(step());
        }
    });
    i64::try_from(allocations.count_total).unwrap() / REQUESTS
}

/// A service that responds to calls with so many headers.
fn responding(
    headers: usize,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible> {
    service_fn(move |request: Request<Body>| {
        assert_eq!(request.headers().len(), headers);
        ready(Ok(Response::new(Body::from("paid"))))
    })
}

/// A tracer that delivers on a thread of its own, unlike a collector, whose copies would count. No
/// Agent listens at its address.
fn tracer() -> packdog::Guard {
    packdog::Config::new().with_agent_url("http://127.0.0.1:1").build().unwrap()
}

#[test]
fn a_request_allocates_little_more_behind_the_layer() {
    let guard = tracer();
    let layer = ServerTraceLayer::new().tracer(guard.tracer());
    let added = of_request(router().layer(layer)) - of_request(router());
    assert!(added > 0 && added <= SERVER, "{added}");
}

#[test]
fn a_call_allocates_little_more_behind_the_layer() {
    let guard = tracer();
    let layer = ClientTraceLayer::new().tracer(guard.tracer());
    let context = guard.tracer().extract(&headers());
    let span = guard.tracer().span("http.request").child_of(context).start();
    let _scope = span.enter();
    let traced = of_call(layer.layer(responding(TRACE_HEADERS)));
    let added = traced - of_call(responding(0));
    assert!(added > 0 && added <= CLIENT, "{added}");
}
