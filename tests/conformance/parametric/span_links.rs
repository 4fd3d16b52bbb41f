//! Links to other spans: as a field in v0.4, as a tag in v0.5.

use packdog_tests::peers::SpanLink;
use serde_json::{Value, json};

use crate::harness::{App, Ids};

const API: &str = "DD_TRACE_API_VERSION";
const V05: (&str, &str) = (API, "v0.5");
/// Marks the flags of a link as known.
const KNOWN: u32 = 1 << 31;

async fn link(app: &App, span: Ids, to: u64, attributes: Value) {
    let request = json!({ "span_id": span.span_id, "parent_id": to, "attributes": attributes });
    app.post("/trace/span/add_link", request).await;
}

/// The links of a span in the tag of v0.5.
fn tagged_links(meta: Option<&str>) -> Vec<Value> {
    serde_json::from_str(meta.expect("the tag _dd.span_links")).unwrap()
}

#[tokio::test]
async fn a_link_is_a_field_of_its_span() {
    let Some(app) = App::start(&[(API, "v0.4")]).await else { return };
    let linked = app.span("linked").await;
    let span = app.span("span").await;
    let attributes = json!({ "foo": "bar", "array": ["a", "b", "c"], "bools": [true, false], "nested": [1, 2], "number": 2.5 });
    link(&app, span, linked.span_id, attributes).await;
    app.finish(span).await;
    app.finish(linked).await;

    let spans = app.spans().await;
    let sent = spans.iter().find(|sent| sent.span_id == span.span_id).unwrap();
    let [link] = sent.span_links.as_slice() else { panic!("{sent:#?}") };
    let other = spans.iter().find(|sent| sent.span_id == linked.span_id).unwrap();
    assert_eq!((link.trace_id, link.span_id), (linked.trace_id, linked.span_id));
    assert_eq!(format!("{:016x}", link.trace_id_high), other.tag("_dd.p.tid").unwrap());
    let expected = [
        ("array.0", "a"),
        ("array.1", "b"),
        ("array.2", "c"),
        ("bools.0", "true"),
        ("bools.1", "false"),
        ("foo", "bar"),
        ("nested.0", "1"),
        ("nested.1", "2"),
        ("number", "2.5"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(link.attributes, expected.into());
    assert_eq!(sent.tag("_dd.span_links"), None);
}

#[tokio::test]
async fn a_link_is_a_tag_of_its_span_in_v05() {
    let Some(app) = App::start(&[V05]).await else { return };
    let linked = app.span("linked").await;
    let span = app.span("span").await;
    link(&app, span, linked.span_id, json!({ "foo": "bar", "array": ["a", "b"] })).await;
    let trace_id = app.inject(linked).await.trace_id().to_owned();
    app.finish(span).await;
    app.finish(linked).await;

    let requests = app.trace_requests().await;
    assert!(!requests.is_empty());
    assert!(requests.iter().all(|request| request.url.ends_with("/v0.5/traces")), "{requests:#?}");
    let spans = app.spans().await;
    let sent = spans.iter().find(|sent| sent.span_id == span.span_id).unwrap();
    assert_eq!(sent.span_links, []);
    let links = tagged_links(sent.tag("_dd.span_links"));
    let [link] = links.as_slice() else { panic!("{links:?}") };
    assert_eq!(link["trace_id"], trace_id);
    assert_eq!(link["span_id"], format!("{:016x}", linked.span_id));
    assert_eq!(link["attributes"], json!({ "foo": "bar", "array.0": "a", "array.1": "b" }));
}

/// The headers of another service, with style, decision and the content of a link to it.
#[tokio::test]
async fn a_link_to_a_received_context_has_its_tags_and_flags() {
    const DATADOG: &[(&str, &str)] = &[
        ("x-datadog-trace-id", "1234567890"),
        ("x-datadog-parent-id", "9876543210"),
        ("x-datadog-sampling-priority", "2"),
        ("x-datadog-origin", "synthetics"),
        ("x-datadog-tags", "_dd.p.dm=-4,_dd.p.tid=0000000000000010"),
    ];
    const W3C: &[(&str, &str)] = &[
        ("traceparent", "00-12345678912345678912345678912345-1234567890123456-01"),
        ("tracestate", "foo=1,dd=t.dm:-4,bar=baz"),
    ];
    const DROPPED: &[(&str, &str)] = &[
        ("x-datadog-trace-id", "7"),
        ("x-datadog-parent-id", "8"),
        ("x-datadog-sampling-priority", "-1"),
    ];
    const UNDECIDED: &[(&str, &str)] = &[("x-datadog-trace-id", "7"), ("x-datadog-parent-id", "8")];
    #[rustfmt::skip]
    let table = [
        ("datadog, kept",          DATADOG,   (0x10, 1_234_567_890, 9_876_543_210, KNOWN | 1)),
        ("tracecontext, sampled",  W3C,       (0x1234_5678_9123_4567, 0x8912_3456_7891_2345, 0x1234_5678_9012_3456, KNOWN | 1)),
        ("dropped",                DROPPED,   (0, 7, 8, KNOWN)),
        ("undecided: no flags",    UNDECIDED, (0, 7, 8, 0)),
    ];
    let mut expected = Vec::new();
    let Some(app) = App::start(&[]).await else { return };
    for (rule, headers, ids) in table {
        let to = app.extract(headers).await.unwrap();
        let span = app.span("span").await;
        link(&app, span, to, json!({})).await;
        app.finish(span).await;
        expected.push((rule, span.span_id, ids));
    }
    let spans = app.spans().await;
    for (rule, id, ids) in expected {
        let sent = spans.iter().find(|sent| sent.span_id == id).unwrap();
        let [link] = sent.span_links.as_slice() else { panic!("{sent:#?}") };
        let SpanLink { trace_id_high, trace_id, span_id, flags, .. } = *link;
        assert_eq!((trace_id_high, trace_id, span_id, flags), ids, "{rule}");
        let has_tracestate = rule.starts_with("tracecontext");
        let members: Vec<_> =
            link.tracestate.split(',').filter(|m| !m.starts_with("dd=")).collect();
        assert_eq!(members == ["foo=1", "bar=baz"], has_tracestate, "{rule}: {link:?}");
    }
}

#[tokio::test]
async fn a_link_can_be_added_to_a_finished_span_of_the_same_trace_and_to_many() {
    let Some(app) = App::start(&[]).await else { return };
    let first = app.span("first").await;
    let second = app.child("second", first.span_id).await;
    app.finish(second).await;
    link(&app, first, second.span_id, json!({ "a": "b" })).await;
    link(&app, first, first.span_id, json!({})).await;
    app.finish(first).await;
    let spans = app.spans().await;
    let sent = spans.iter().find(|sent| sent.span_id == first.span_id).unwrap();
    let linked: Vec<_> = sent.span_links.iter().map(|link| link.span_id).collect();
    assert_eq!(linked, [second.span_id, first.span_id]);
}

#[tokio::test]
async fn a_link_has_no_flags_before_the_sampling_decision() {
    let Some(app) = App::start(&[]).await else { return };
    let linked = app.span("linked").await;
    let span = app.span("span").await;
    link(&app, span, linked.span_id, json!({})).await;
    app.inject(linked).await;
    link(&app, span, linked.span_id, json!({})).await;
    app.finish(span).await;
    app.finish(linked).await;
    let spans = app.spans().await;
    let sent = spans.iter().find(|sent| sent.span_id == span.span_id).unwrap();
    let flags: Vec<_> = sent.span_links.iter().map(|link| link.flags).collect();
    assert_eq!(flags, [0, KNOWN | 1]);
}
