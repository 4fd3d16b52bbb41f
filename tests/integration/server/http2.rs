//! HTTP/2: the host comes in the request line, and streams are reset while the connection stays.

use std::{future::pending, net::SocketAddr, sync::Arc};

use axum::{Router, routing::get};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use packdog_server::ServerTraceLayer;
use packdog_tests::start_tracer;
use tokio::{net::TcpStream, sync::Notify};
use tower::Layer;

use super::harness::{data, fed_body, responding, serve};

async fn connect(address: SocketAddr) -> SendRequest<Empty<Bytes>> {
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (client, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    client
}

fn request(path: &str) -> Request<Empty<Bytes>> {
    Request::get(format!("http://example.com{path}")).body(Empty::new()).unwrap()
}

#[tokio::test]
async fn the_host_and_the_version_are_those_of_http2() {
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route("/users/{id}", get(async || "hello"));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    let mut client = connect(address).await;
    let response = client.send_request(request("/users/7?a=1")).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.url"), Some("http://example.com/users/7?a=1"));
    assert_eq!(
        (span.text("http.version"), span.text("http.status_code")),
        (Some("2"), Some("200"))
    );
    assert_eq!(span.text("http.request.cancelled"), None);
}

#[tokio::test]
async fn the_authority_wins_over_a_header_host() {
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route(
        "/users/{id}",
        get(async |headers: http::HeaderMap| {
            headers.get("host").map(|host| host.to_str().unwrap().to_owned()).unwrap_or_default()
        }),
    );
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    let mut client = connect(address).await;
    let request = Request::get("http://real.test/users/7").header("host", "evil.test");
    let response = client.send_request(request.body(Empty::new()).unwrap()).await.unwrap();
    let received = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(received, "evil.test", "the header arrived");
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.url"), Some("http://real.test/users/7"));
}

#[tokio::test]
async fn a_stream_that_is_reset_before_the_head_is_a_hang_up() {
    let (tracer, collector) = start_tracer("users");
    let entered = Arc::new(Notify::new());
    let handler = {
        let entered = Arc::clone(&entered);
        || async move {
            entered.notify_one();
            pending::<()>().await;
        }
    };
    let app = Router::new().route("/", get(handler)).route("/hello", get(async || "hello"));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    let mut client = connect(address).await;
    let call = client.send_request(request("/"));
    let call = tokio::spawn(call);
    entered.notified().await;
    call.abort();
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.request.cancelled_in"), Some("head"));
    assert_eq!((span.text("http.status_code"), span.is_error), (None, false));
    // The connection goes on.
    assert_eq!(client.send_request(request("/hello")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_stream_that_is_reset_in_the_body_is_a_hang_up() {
    let (tracer, collector) = start_tracer("users");
    let (feed, body) = fed_body();
    let layer = ServerTraceLayer::new().tracer(&tracer);
    let address = serve(layer.layer(responding(Response::new(body)))).await;
    let mut client = connect(address).await;
    let mut response = client.send_request(request("/")).await.unwrap();
    feed.send(data("first")).unwrap();
    response.frame().await.unwrap().unwrap();
    assert!(collector.traces().is_empty(), "the body goes on");
    drop(response);
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.request.cancelled_in"), Some("body"));
    assert_eq!((span.text("http.status_code"), span.is_error), (Some("200"), false));
}
