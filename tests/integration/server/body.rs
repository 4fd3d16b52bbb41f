//! Bodies: the span is current while they stream, and ends with them.

use std::{fmt::Display, io};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::Frame;
use packdog_server::{ResponseError, ServerTraceLayer};
use packdog_tests::start_tracer;
use tower::Layer;
use tower_http::classify::{
    ClassifiedResponse, ClassifyEos, ClassifyResponse, GrpcErrorsAsFailures,
};

use super::harness::{data, fed_body, open, read_until, request, responding, serve};

#[tokio::test]
async fn the_span_is_current_in_the_body_and_open_until_its_last_frame() {
    let (tracer, collector) = start_tracer("users");
    let (feed, body) = fed_body();
    let layer = ServerTraceLayer::new().tracer(&tracer);
    let address = serve(layer.layer(responding(Response::new(body)))).await;
    let mut client = open(address).await;
    feed.send(data("first")).unwrap();
    read_until(&mut client, "first").await;
    assert!(collector.traces().is_empty(), "the body goes on");
    feed.send(data("last")).unwrap();
    drop(feed);
    read_until(&mut client, "last").await;
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("body.frame"), Some("true"));
    assert_eq!(span.text("body.end"), Some("true"));
    assert_eq!(span.text("http.request.cancelled"), None);
}

#[tokio::test]
async fn the_span_ends_with_the_trailers() {
    let (tracer, collector) = start_tracer("users");
    let (feed, body) = fed_body();
    let layer = ServerTraceLayer::new().tracer(&tracer);
    let address = serve(layer.layer(responding(Response::new(body)))).await;
    let client = open(address).await;
    feed.send(data("all")).unwrap();
    feed.send(Ok(Frame::trailers(HeaderMap::new()))).unwrap();
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.request.cancelled"), None);
    drop((feed, client));
}

#[tokio::test]
async fn a_response_that_ends_with_its_head_is_not_a_hang_up() {
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        let (tracer, collector) = start_tracer("users");
        let (_feed, body) = fed_body();
        let response = Response::builder().status(status).body(body).unwrap();
        let layer = ServerTraceLayer::new().tracer(&tracer);
        let address = serve(layer.layer(responding(response))).await;
        assert_eq!(request(address, method, "/").await.0, status);
        let span = collector.wait_for_only_span().await;
        assert_eq!(span.text("http.request.cancelled"), None, "{method} {status}");
        assert_eq!(span.text("body.end"), None, "{method} {status}");
    }
}

#[tokio::test]
async fn a_body_of_its_declared_length_is_complete_without_its_end() {
    for is_in_header in [true, false] {
        let (tracer, collector) = start_tracer("users");
        let (feed, mut body) = fed_body();
        body.length = (!is_in_header).then_some(10);
        let mut response = Response::new(body);
        if is_in_header {
            response.headers_mut().insert("content-length", 10.into());
        }
        let layer = ServerTraceLayer::new().tracer(&tracer);
        let address = serve(layer.layer(responding(response))).await;
        feed.send(data("first")).unwrap();
        feed.send(data("-last")).unwrap();
        assert_eq!(request(address, "GET", "/").await, (200, "first-last".to_owned()));
        let span = collector.wait_for_only_span().await;
        assert_eq!(span.text("body.end"), None, "the end is never polled");
        assert_eq!(span.text("http.request.cancelled"), None, "in the header: {is_in_header}");
        drop(feed);
    }
}

/// Classifies every response as a failure once it has ended.
#[derive(Clone)]
struct FailsAtTheEnd;

impl ClassifyResponse for FailsAtTheEnd {
    type FailureClass = &'static str;
    type ClassifyEos = Self;

    fn classify_response<B>(self, _: &Response<B>) -> ClassifiedResponse<&'static str, Self> {
        ClassifiedResponse::RequiresEos(self)
    }

    fn classify_error<E: Display + 'static>(self, _: &E) -> &'static str {
        "failed"
    }
}

impl ClassifyEos for FailsAtTheEnd {
    type FailureClass = &'static str;

    fn classify_eos(self, trailers: Option<&HeaderMap>) -> Result<(), &'static str> {
        Err(if trailers.is_some() { "trailers" } else { "no trailers" })
    }

    fn classify_error<E: Display + 'static>(self, _: &E) -> &'static str {
        "failed"
    }
}

#[tokio::test]
async fn a_classifier_that_waits_judges_a_body_of_its_declared_length() {
    let (tracer, collector) = start_tracer("users");
    let (feed, mut body) = fed_body();
    body.length = Some(4);
    let layer = ServerTraceLayer::new().tracer(&tracer).classify_with(FailsAtTheEnd);
    let address = serve(layer.layer(responding(Response::new(body)))).await;
    feed.send(data("text")).unwrap();
    assert_eq!(request(address, "GET", "/").await, (200, "text".to_owned()));
    let span = collector.wait_for_only_span().await;
    assert_eq!((span.text("body.end"), span.text("http.request.cancelled")), (None, None));
    assert_eq!((span.is_error, span.text("error.message")), (true, Some("no trailers")));
    drop(feed);
}

#[tokio::test]
async fn the_length_of_a_body_reaches_the_client() {
    let (tracer, collector) = start_tracer("users");
    let response = Response::new(http_body_util::Full::<Bytes>::from("hello"));
    let layer = ServerTraceLayer::new().tracer(&tracer);
    let address = serve(layer.layer(responding(response))).await;
    let response = reqwest::get(format!("http://{address}/")).await.unwrap();
    assert_eq!(response.headers()["content-length"], "5");
    assert_eq!(response.text().await.unwrap(), "hello");
    assert_eq!(collector.wait_for_only_span().await.text("http.request.cancelled"), None);
}

#[tokio::test]
async fn a_classifier_that_waits_for_the_end_gets_the_trailers() {
    for (status, is_error, message) in [("0", false, None), ("5", true, Some("disk full"))] {
        let (tracer, collector) = start_tracer("users");
        let (feed, body) = fed_body();
        let layer = ServerTraceLayer::new().tracer(&tracer);
        let layer = layer.classify_with(GrpcErrorsAsFailures::new());
        let mut response = Response::new(body);
        response.extensions_mut().insert(ResponseError::new(io::Error::other("disk full")));
        let address = serve(layer.layer(responding(response))).await;
        let client = open(address).await;
        feed.send(data("all")).unwrap();
        let status = ("grpc-status".parse().unwrap(), status.parse().unwrap());
        feed.send(Ok(Frame::trailers(HeaderMap::from_iter([status])))).unwrap();
        let span = collector.wait_for_only_span().await;
        assert_eq!((span.is_error, span.text("http.status_code")), (is_error, Some("200")));
        assert_eq!(span.text("error.message"), message, "the error that came with the head");
        drop((feed, client));
    }
}
