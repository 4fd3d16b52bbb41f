//! Events: as a field where the Agent takes that, else as a tag.

use packdog_tests::peers::Span;
use serde_json::{Value, json};

use crate::harness::{App, Ids};

const API: &str = "DD_TRACE_API_VERSION";
const NATIVE: &str = "DD_TRACE_NATIVE_SPAN_EVENTS";
/// Microseconds of Unix time.
const THEN: u64 = 1_700_000_000_000_000;

/// A span with two events, through the endpoints of OpenTelemetry.
async fn with_events(env: &[(&str, &str)], info: Value) -> Option<Span> {
    let app = App::start_with_info(env, &info).await?;
    // Once the server has received `/info`, it applies.
    app.get("/trace/agent/ensure_agent_info", json!({})).await;
    let start = json!({
        "name": "operation", "timestamp": THEN, "parent_id": null, "span_kind": null,
        "links": [], "events": [], "attributes": {},
    });
    let span: Ids =
        serde_json::from_value(app.post("/trace/otel/start_span", start).await).unwrap();
    let attributes = json!({
        "string": "bar",
        "bool": true,
        "int": 2,
        "double": 2.5,
        "whole": 2.0,
        "strings": ["a", "b"],
        "ints": [1, 2],
        "mixed": ["a", 1],
        "nested": [["a"]],
        "too large": 9_223_372_036_854_775_808_u64,
    });
    for (name, attributes) in [("first", attributes), ("second", Value::Null)] {
        let event = json!({ "span_id": span.span_id, "name": name, "timestamp": THEN + 1, "attributes": attributes });
        app.post("/trace/otel/add_event", event).await;
    }
    let end = json!({ "id": span.span_id, "timestamp": THEN + 10 });
    app.post("/trace/otel/end_span", end).await;
    let sent = app.only_span().await;
    assert_eq!((sent.span_id, sent.resource.as_str()), (span.span_id, "operation"));
    assert_eq!((sent.start, sent.duration), (THEN as i64 * 1000, 10_000));
    Some(sent)
}

fn assert_is_native(span: &Span) {
    let nanos = (THEN + 1) * 1000;
    let expected = json!([
        {
            "time_unix_nano": nanos,
            "name": "first",
            "attributes": {
                "string": { "type": 0, "string_value": "bar" },
                "bool": { "type": 1, "bool_value": true },
                "int": { "type": 2, "int_value": 2 },
                "double": { "type": 3, "double_value": 2.5 },
                "whole": { "type": 3, "double_value": 2.0 },
                "strings": { "type": 4, "array_value": { "values": [
                    { "type": 0, "string_value": "a" }, { "type": 0, "string_value": "b" },
                ] } },
                "ints": { "type": 4, "array_value": { "values": [
                    { "type": 2, "int_value": 1 }, { "type": 2, "int_value": 2 },
                ] } },
            },
        },
        { "time_unix_nano": nanos, "name": "second" },
    ]);
    let mut events = span.span_events.clone();
    for event in &mut events {
        let event = event.as_object_mut().unwrap();
        if event.get("attributes").is_some_and(|attributes| attributes == &json!({})) {
            event.remove("attributes");
        }
    }
    assert_eq!(json!(events), expected);
    assert_eq!(span.tag("events"), None, "never both");
}

fn assert_is_tagged(span: &Span) {
    let nanos = (THEN + 1) * 1000;
    let events: Value = serde_json::from_str(span.tag("events").expect("the tag events")).unwrap();
    assert_eq!(events[0]["name"], "first");
    assert_eq!(events[0]["time_unix_nano"], nanos);
    let expected = json!({
        "string": "bar", "bool": true, "int": 2, "double": 2.5, "whole": 2.0,
        "strings": ["a", "b"], "ints": [1, 2],
    });
    assert_eq!(events[0]["attributes"], expected);
    assert_eq!(events[1]["name"], "second");
    assert_eq!(events.as_array().map(Vec::len), Some(2));
    assert_eq!(span.span_events, [] as [Value; 0], "never both");
}

#[tokio::test]
async fn events_are_a_field_if_the_setting_is_on() {
    let env = [(API, "v0.4"), (NATIVE, "1")];
    let Some(span) = with_events(&env, json!({})).await else { return };
    assert_is_native(&span);
}

#[tokio::test]
async fn events_are_a_field_if_the_agent_supports_it() {
    let Some(span) = with_events(&[(API, "v0.4")], json!({ "span_events": true })).await else {
        return;
    };
    assert_is_native(&span);
}

#[tokio::test]
async fn events_are_a_tag_unless_the_agent_is_known_to_accept_a_field() {
    for env in [&[(API, "v0.4")][..], &[(API, "v0.4"), (NATIVE, "0")]] {
        let Some(span) = with_events(env, json!({ "span_events": false })).await else { return };
        assert_is_tagged(&span);
    }
}

#[tokio::test]
async fn events_are_always_a_tag_in_v05() {
    for env in [&[(API, "v0.5")][..], &[(API, "v0.5"), (NATIVE, "1")]] {
        let Some(span) = with_events(env, json!({ "span_events": true })).await else { return };
        assert_is_tagged(&span);
    }
}

#[tokio::test]
async fn an_event_by_the_native_endpoint_has_its_nanoseconds() {
    let Some(app) = App::start(&[(NATIVE, "1")]).await else { return };
    let span = app.span("span").await;
    let event = json!({ "span_id": span.span_id, "name": "event", "timestamp": 1_700_000_000_000_000_001_u64, "attributes": { "a": "b" } });
    app.post("/trace/span/add_event", event).await;
    app.finish(span).await;
    let [event] = app.only_span().await.span_events.try_into().unwrap();
    assert_eq!(event["time_unix_nano"], 1_700_000_000_000_000_001_u64);
    assert_eq!(event["attributes"], json!({ "a": { "type": 0, "string_value": "b" } }));
}
