//! Links through OpenTelemetry's API, as in `test_otel_span_methods`.

use serde_json::json;

use super::named;
use crate::harness::App;

/// Whether the flags of a link are known, and that the other trace is kept.
const SAMPLED: u32 = 1 << 31 | 1;

#[tokio::test]
async fn a_link_to_headers_of_datadog_has_their_ids_and_state() {
    let Some(app) = App::start(&[]).await else { return };
    let headers = [
        ("x-datadog-trace-id", "1234567890"),
        ("x-datadog-parent-id", "9876543210"),
        ("x-datadog-sampling-priority", "2"),
        ("x-datadog-origin", "synthetics"),
        ("x-datadog-tags", "_dd.p.dm=-4,_dd.p.tid=0000000000000010"),
    ];
    let target = app.extract(&headers).await;
    let attributes = json!({ "foo": "bar", "array": ["a", "b", "c"] });
    let link = json!({ "parent_id": target, "attributes": attributes });
    let span = app.otel_span_with(json!({ "name": "root", "links": [link] })).await;
    app.otel_end(span).await;
    let sent = app.only_span().await;
    let [link] = &sent.span_links[..] else { panic!("{sent:#?}") };
    assert_eq!(
        (link.trace_id, link.trace_id_high, link.span_id),
        (1_234_567_890, 16, 9_876_543_210)
    );
    let mut items: Vec<_> = link.tracestate.strip_prefix("dd=").unwrap().split(';').collect();
    items.sort_unstable();
    assert_eq!(items, ["o:synthetics", "s:2", "t.dm:-4"]);
    assert_eq!(link.flags, SAMPLED);
    let attributes: Vec<_> =
        link.attributes.iter().map(|(key, value)| (&**key, &**value)).collect();
    assert_eq!(attributes, [("array.0", "a"), ("array.1", "b"), ("array.2", "c"), ("foo", "bar")]);
    assert_ne!(sent.trace_id, 1_234_567_890, "a link is no parent");
}

#[tokio::test]
async fn a_link_to_headers_of_w3c_keeps_all_vendors() {
    let Some(app) = App::start(&[]).await else { return };
    let headers = [
        ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01"),
        ("tracestate", "foo=1,dd=t.dm:-4;s:2,bar=baz"),
    ];
    let target = app.extract(&headers).await;
    let link = json!({ "parent_id": target, "attributes": {} });
    let span = app.otel_span_with(json!({ "name": "root", "links": [link] })).await;
    app.otel_end(span).await;
    let sent = app.only_span().await;
    let [link] = &sent.span_links[..] else { panic!("{sent:#?}") };
    assert_eq!(link.span_id, 0x1234_5678_9012_3456);
    let trace_id = 0x1234_5678_9012_3456_7890_1234_5678_9012_u128;
    assert_eq!(link.trace_id, trace_id as u64);
    let members: Vec<_> = link.tracestate.split(',').collect();
    assert!(members[0].starts_with("dd="), "{members:?}");
    assert_eq!(members[1..], ["foo=1", "bar=baz"]);
    let ours = &members[0][3..];
    assert!(ours.split(';').any(|item| item == "s:2"), "{ours}");
    assert!(ours.split(';').any(|item| item == "t.dm:-4"), "{ours}");
    assert_eq!(link.flags, SAMPLED);
    assert_eq!(link.attributes.len(), 0);
}

#[tokio::test]
async fn links_to_spans_of_either_api_have_their_ids_and_eight_attributes() {
    let Some(app) = App::start(&[]).await else { return };
    let first = app.otel_span("first").await;
    app.otel_end(first).await;
    let second = app.span("second").await;
    let attributes =
        json!({ "foo": "bar", "array": ["a", "b", "c"], "bools": [true, false], "nested": [1, 2] });
    let links = json!([
        { "parent_id": first.span_id, "attributes": attributes },
        { "parent_id": second.span_id },
    ]);
    let span = app.otel_child("third", second).await;
    app.otel_end(span).await;
    let linked = app.otel_span_with(json!({ "name": "linked", "links": links })).await;
    app.otel_end(linked).await;
    app.finish(second).await;
    let spans = app.spans().await;
    let [to_first, to_second] = &named(&spans, "linked").span_links[..] else {
        panic!("{spans:#?}")
    };
    assert_eq!((to_first.trace_id, to_first.span_id), (first.trace_id, first.span_id));
    assert_eq!((to_second.trace_id, to_second.span_id), (second.trace_id, second.span_id));
    assert_eq!(to_first.attributes.len(), 8, "{:?}", to_first.attributes);
    assert_eq!([to_first.flags, to_second.flags], [SAMPLED; 2]);
}
