//! A map of headers that is full gets no more of them, and nothing panics.

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri};
use packdog_client::Egress;
use packdog_server::ServerTraceLayer;
use packdog_tests::start_tracer;
use tower::{BoxError, Layer, ServiceExt, service_fn};

const TRACE_ID: HeaderName = HeaderName::from_static("x-trace");

fn full() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut number = 0;
    loop {
        let name: HeaderName = format!("x-{number}").parse().unwrap();
        if headers.try_insert(name, HeaderValue::from_static("1")).is_err() {
            return headers;
        }
        number += 1;
    }
}

#[tokio::test]
async fn a_full_response_gets_no_trace_id() {
    let (tracer, _) = start_tracer("pantry");
    let service = service_fn(async |_: Request<Body>| {
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = full();
        Ok::<_, BoxError>(response)
    });
    let layer = ServerTraceLayer::new().tracer(&tracer).trace_id_header(TRACE_ID);
    let response = layer.layer(service).oneshot(Request::new(Body::empty())).await.unwrap();
    assert!(!response.headers().contains_key(TRACE_ID));
}

#[test]
fn a_full_request_gets_no_trace_headers() {
    let (tracer, _) = start_tracer("pantry");
    let span = tracer.span("job").start();
    for egress in [Egress::new(), Egress::new().keep_present()] {
        let mut headers = full();
        egress.inject(&span, &Uri::from_static("http://pantry/"), &mut headers);
        assert!(!headers.contains_key("traceparent"));
    }
}
