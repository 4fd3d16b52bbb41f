//! Baggage, as `test_otel_span_with_baggage` sets it, and as it travels from there.

use serde_json::json;

use crate::harness::App;

#[tokio::test]
async fn an_item_is_set_and_read_in_a_context_of_the_span() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.otel_span("test_otel_set_baggage").await;
    let request = json!({ "key": "foo", "value": "bar" });
    let reply = app.otel("otel_set_baggage", span, request).await;
    assert_eq!(reply["value"], "bar");
    app.otel_end(span).await;
}

#[tokio::test]
async fn an_item_goes_to_the_spans_below_the_context_and_into_headers() {
    let Some(app) = App::start(&[]).await else { return };
    let root = app.span("root").await;
    let item = json!({ "span_id": root.span_id, "key": "plan", "value": "pro" });
    app.post("/trace/span/set_baggage", item).await;
    let reply = app.otel("otel_set_baggage", root, json!({ "key": "foo", "value": "bar" })).await;
    assert_eq!(reply["value"], "bar");
    let child = app.otel_child("child", root).await;
    assert_eq!(app.inject(child).await.get("baggage"), Some("plan=pro,foo=bar"));
    assert_eq!(app.inject(root).await.get("baggage"), Some("plan=pro"), "it is open already");
    app.otel_end(child).await;
    app.finish(root).await;
}
