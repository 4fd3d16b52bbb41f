//! Both kinds of runtimes, tasks that a handler spawns, and bodies that take their time.

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use packdog::{InSpanExt, current_span, span};
use packdog_server::ServerTraceLayer;
use packdog_tests::start_tracer;
use tokio::runtime::{Builder, Runtime};

use super::harness::{data, fed_body, request, serve};

fn runtimes() -> [Runtime; 2] {
    [Builder::new_current_thread(), Builder::new_multi_thread()]
        .map(|mut builder| builder.worker_threads(2).enable_all().build().unwrap())
}

async fn spawning() -> String {
    let inside = tokio::spawn(async { current_span().is_nothing() });
    let carried = async { current_span().set_tag("seen", true) }.in_span(span("work"));
    let carried = tokio::spawn(carried);
    carried.await.unwrap();
    // A task has no current span unless it is given one.
    inside.await.unwrap().to_string()
}

#[test]
fn tasks_that_a_handler_spawns_belong_to_it_if_they_carry_a_span() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let (tracer, collector) = start_tracer("users");
            let app = Router::new().route("/", get(spawning));
            let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
            assert_eq!(request(address, "GET", "/").await, (200, "true".to_owned()));
            let trace = collector.wait_for_traces(1).await.remove(0);
            let expected = "http.request  GET /  200  kind=server  service=users\n\
                            └─ work\n";
            assert_eq!(trace.picture(), expected);
            assert_eq!(trace.spans[1].text("seen"), Some("true"));
        });
    }
}

#[test]
fn a_task_that_outlives_its_request_stays_in_the_trace() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let (tracer, collector) = start_tracer("users");
            let (responded, has_responded) = tokio::sync::oneshot::channel::<()>();
            let has_responded = std::sync::Arc::new(std::sync::Mutex::new(Some(has_responded)));
            let handler = move || async move {
                let has_responded = has_responded.lock().unwrap().take().unwrap();
                let late = async move { has_responded.await.unwrap() }.in_span(span("late"));
                tokio::spawn(late);
            };
            let app = Router::new().route("/", get(handler));
            let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
            request(address, "GET", "/").await;
            assert!(collector.traces().is_empty(), "the late span is open");
            responded.send(()).unwrap();
            let trace = collector.wait_for_traces(1).await.remove(0);
            assert_eq!(trace.spans.len(), 2, "{}", trace.picture());
        });
    }
}

#[test]
fn a_slow_body_keeps_the_span_open_from_frame_to_frame() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let (tracer, collector) = start_tracer("users");
            let (feed, body) = fed_body();
            let body = std::sync::Mutex::new(Some(body));
            let body = std::sync::Arc::new(body);
            let handler = move || async move { Body::new(body.lock().unwrap().take().unwrap()) };
            let app = Router::new().route("/", get(handler));
            let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
            let mut response = reqwest::get(format!("http://{address}/")).await.unwrap();
            for part in ["one", "two", "three"] {
                feed.send(data(part)).unwrap();
                assert_eq!(response.chunk().await.unwrap(), Some(Bytes::from(part)));
                assert!(collector.traces().is_empty(), "{part}");
            }
            drop(feed);
            assert_eq!(response.chunk().await.unwrap(), None);
            let span = collector.wait_for_only_span().await;
            assert_eq!(span.text("http.request.cancelled"), None);
        });
    }
}
