//! Traces of OpenTelemetry's API alone, as in `test_otel_tracer`.

use serde_json::json;

use super::named;
use crate::harness::App;

#[tokio::test]
async fn two_roots_are_two_traces_with_their_attributes() {
    let Some(app) = App::start(&[]).await else { return };
    let first = app.otel_span("root_one").await;
    app.otel_set(first, json!({ "parent_k1": "parent_v1" })).await;
    let child = app.otel_child("child", first).await;
    app.otel_end(child).await;
    app.otel_end(first).await;
    let second = app.otel_span("root_two").await;
    app.otel_end(second).await;
    let traces = app.traces().await;
    assert_eq!(traces.len(), 2);
    let spans = traces.concat();
    let (root, child) = (named(&spans, "root_one"), named(&spans, "child"));
    assert_eq!(root.tag("parent_k1"), Some("parent_v1"));
    assert_eq!((root.parent_id, child.parent_id), (0, root.span_id));
    assert_eq!(child.trace_id, root.trace_id);
    assert_eq!(named(&spans, "root_two").trace_id, second.trace_id);
    for span in &spans {
        assert_eq!((&*span.name, span.tag("span.kind")), ("internal", Some("internal")));
        assert_eq!(span.tag("otel.scope.name"), Some("parametric-server"));
    }
}

#[tokio::test]
async fn a_forced_flush_delivers_what_has_ended() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.otel_span("test_span").await;
    app.otel_end(span).await;
    let reply = app.post("/trace/otel/flush", json!({ "seconds": 5 })).await;
    assert_eq!(reply, json!({ "success": true }));
    let traces = app.agent().traces().await;
    assert_eq!(named(&traces.concat(), "test_span").span_id, span.span_id);
}
