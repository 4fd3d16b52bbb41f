//! Clients that hang up: the span ends, has a tag for the moment, and is not an error.

use std::{future::pending, sync::Arc};

use axum::{Router, routing::get};
use http::Response;
use packdog_server::ServerTraceLayer;
use packdog_tests::start_tracer;
use tokio::sync::Notify;
use tower::Layer;

use super::harness::{data, fed_body, open, read_until, responding, serve};

#[tokio::test]
async fn a_client_that_hangs_up_before_the_head_leaves_a_span_without_a_status() {
    let (tracer, collector) = start_tracer("users");
    let entered = Arc::new(Notify::new());
    let handler = {
        let entered = Arc::clone(&entered);
        || async move {
            entered.notify_one();
            pending::<()>().await;
        }
    };
    let app = Router::new().route("/", get(handler));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    let client = open(address).await;
    entered.notified().await;
    drop(client);
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.request.cancelled"), Some("true"));
    assert_eq!(span.text("http.request.cancelled_in"), Some("head"));
    assert_eq!((span.text("http.status_code"), span.is_error), (None, false));
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_body_leaves_a_span_with_its_status() {
    for declared_length in [None, Some(10)] {
        let (tracer, collector) = start_tracer("users");
        let (feed, body) = fed_body();
        let mut response = Response::new(body);
        if let Some(length) = declared_length {
            response.headers_mut().insert("content-length", length.into());
        }
        let layer = ServerTraceLayer::new().tracer(&tracer);
        let address = serve(layer.layer(responding(response))).await;
        let mut client = open(address).await;
        feed.send(data("first")).unwrap();
        read_until(&mut client, "first").await;
        drop(client);
        let span = collector.wait_for_only_span().await;
        assert_eq!(span.text("http.request.cancelled"), Some("true"), "{declared_length:?}");
        assert_eq!(span.text("http.request.cancelled_in"), Some("body"), "{declared_length:?}");
        assert_eq!((span.text("http.status_code"), span.is_error), (Some("200"), false));
    }
}
