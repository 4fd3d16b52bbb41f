//! Requests that leave no span, while trace and baggage still go through.

use axum::{Router, routing::get};
use http::{HeaderMap, Method};
use packdog::{InSpanExt, current_span, span};
use packdog_server::{ActiveSpan, RootSpan, ServerTraceLayer};
use packdog_tests::start_tracer;

use super::harness::{request, serve};

const CALLER: &str = "00-0123456789abcdef0123456789abcdef-00000000000000ff-01";

#[tokio::test]
async fn requests_are_ignored_by_path_route_method_and_closure() {
    type Change = fn(ServerTraceLayer) -> ServerTraceLayer;
    #[rustfmt::skip]
    let table: [(Change, _, _, _); 8] = [
        // rule                                                     method     path        is ignored
        (|layer| layer,                                             "GET",     "/health",  false),
        (|layer| layer.ignore_path("/health"),                      "GET",     "/health",  true),
        (|layer| layer.ignore_path("/health"),                      "GET",     "/users/7", false),
        (|layer| layer.ignore_route("/users/{id}"),                 "GET",     "/users/7", true),
        (|layer| layer.ignore_route("/users/{id}"),                 "GET",     "/health",  false),
        (|layer| layer.ignore_method(Method::OPTIONS),              "OPTIONS", "/health",  true),
        (|layer| layer.ignore_if(|head| head.uri().path() == "/"),  "GET",     "/",        true),
        (|layer| layer.ignore_path("/a").ignore_path("/health"),    "GET",     "/health",  true),
    ];
    for (row, (change, method, path, is_ignored)) in table.into_iter().enumerate() {
        let (tracer, collector) = start_tracer("users");
        let app = Router::new()
            .route("/health", get(async || ()))
            .route("/users/{id}", get(async |_: ActiveSpan| ()))
            .layer(change(ServerTraceLayer::new().tracer(&tracer)));
        let address = serve(app).await;
        request(address, method, path).await;
        request(address, "GET", "/seen").await;
        // The second request is seen in any case, and after the first.
        let traces = collector.wait_for_traces(if is_ignored { 1 } else { 2 }).await;
        assert_eq!(traces[0].spans[0].resource == "GET 404", is_ignored, "row {row}: {traces:?}");
    }
}

#[tokio::test]
async fn an_ignored_request_passes_on_its_context_and_records_nothing_below() {
    async fn handler(active: ActiveSpan, root: RootSpan) -> String {
        assert!(!active.is_recording() && !active.is_nothing() && !root.is_recording());
        active.set_tag("unseen", true);
        active.baggage().set("plan", "pro");
        let work = async {
            assert!(!current_span().is_recording());
            let mut headers = HeaderMap::new();
            current_span().inject(&mut headers);
            let text = |name| headers[name].to_str().unwrap().to_owned();
            format!("{} {}", text("traceparent"), text("baggage"))
        };
        work.in_span(span("work")).await
    }
    let (tracer, collector) = start_tracer("users");
    let layer = ServerTraceLayer::new().tracer(&tracer).ignore_path("/health");
    // An inner layer does not see it either.
    let app = Router::new().route("/health", get(handler));
    let app = app.layer(ServerTraceLayer::new().tracer(&tracer)).layer(layer);
    let address = serve(app).await;
    let client = reqwest::Client::new().get(format!("http://{address}/health"));
    let client = client.header("traceparent", CALLER).header("baggage", "tenant=7");
    let sent = client.send().await.unwrap().text().await.unwrap();
    assert_eq!(sent, format!("{CALLER} tenant=7,plan=pro"));
    // Without a caller there is no trace to pass on, and still nothing is recorded.
    request(address, "GET", "/seen").await;
    assert_eq!(collector.wait_for_only_span().await.resource, "GET 404");
}
