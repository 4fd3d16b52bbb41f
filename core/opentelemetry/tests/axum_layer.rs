//! axum-tracing-opentelemetry, as its authors published it, on our spans. Its layer makes spans of
//! `tracing`, which tracing-opentelemetry hands on. This test is a program of its own.

use axum::{Router, body::Body, http::Request, routing::get};
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use opentelemetry::global;
use packdog::test_util::{assert_picture, collect};
use packdog_opentelemetry::install;
use tower::ServiceExt;
use tracing_subscriber::{prelude::*, registry};

const CALLER: &str = "00-0123456789abcdef0123456789abcdef-00000000000000ff-01";

async fn bread() -> &'static str {
    packdog::current_span().set_tag("bread.kind", "rye");
    packdog::span("oven.heat").in_scope(|_| "rye bread")
}

#[tokio::test(flavor = "current_thread")]
async fn a_layer_that_others_instrumented_with_tracing_is_in_one_trace_with_our_spans() {
    let (collector, _scope) = collect();
    install().unwrap();
    let spans = tracing_opentelemetry::layer().with_tracer(global::tracer("bakery"));
    let _subscriber = registry().with(spans).set_default();
    let app = Router::new().route("/breads/{kind}", get(bread)).layer(OtelAxumLayer::default());

    let request = Request::get("/breads/rye").header("traceparent", CALLER).body(Body::empty());
    let response = app.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    drop(response);

    let [trace] = &collector.traces()[..] else { panic!("not one trace") };
    let request = trace.spans.iter().find(|span| span.name == "http.server.request").unwrap();
    assert_eq!(request.trace_id.to_string(), "0123456789abcdef0123456789abcdef");
    assert_eq!(request.text("bread.kind"), Some("rye"), "our API tags their span");
    assert_picture!(
        collector,
        "
        http.server.request  GET /breads/{kind}  200  kind=server  service=test
        └─ oven.heat
    "
    );
}
