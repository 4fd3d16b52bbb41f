//! The methods of a span, as in `test_otel_span_methods`.

use serde_json::{Value, json};

use super::named;
use crate::harness::App;

/// Microseconds of Unix time.
const THEN: u64 = 1_700_000_000_000_000;

#[tokio::test]
async fn a_span_has_the_times_that_were_given_in_microseconds() {
    let Some(app) = App::start(&[]).await else { return };
    let request = json!({
        "name": "operation", "span_kind": 3, "timestamp": THEN,
        "attributes": { "start_attr_key": "start_attr_val" },
    });
    let span = app.otel_span_with(request).await;
    app.otel_end_at(span, THEN + 6789).await;
    let sent = app.only_span().await;
    assert_eq!((sent.start, sent.duration), (THEN as i64 * 1000, 6_789_000));
    assert_eq!((&*sent.name, &*sent.resource), ("producer", "operation"));
    assert_eq!(sent.tag("start_attr_key"), Some("start_attr_val"));
    assert_eq!(sent.tag("span.kind"), Some("producer"));
}

#[tokio::test]
async fn a_span_ends_once() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.otel_span_with(json!({ "name": "operation", "timestamp": THEN })).await;
    assert!(app.is_recording(span).await);
    app.otel_end_at(span, THEN + 6789).await;
    assert!(!app.is_recording(span).await);
    app.otel_end_at(span, THEN + 2 * 6789).await;
    app.otel_end(span).await;
    app.otel("set_name", span, json!({ "name": "new_name" })).await;
    app.otel_set(span, json!({ "after_finish": "true", "operation.name": "late" })).await;
    app.otel_status(span, "ERROR", "late").await;
    app.otel("add_event", span, json!({ "name": "late", "timestamp": null })).await;
    app.otel("record_exception", span, json!({ "message": "late" })).await;
    let sent = app.only_span().await;
    assert_eq!((&*sent.name, &*sent.resource, sent.error), ("internal", "operation", 0));
    assert_eq!(sent.duration, 6_789_000);
    assert_eq!(sent.tag("after_finish"), None);
    assert_eq!(sent.tag("events"), None);
}

#[tokio::test]
async fn a_child_of_an_ended_span_joins_its_trace() {
    let Some(app) = App::start(&[]).await else { return };
    let parent = app.otel_span("parent").await;
    app.otel_end(parent).await;
    let child = app.otel_child("child", parent).await;
    app.otel_end(child).await;
    let spans = app.spans().await;
    let (parent, child) = (named(&spans, "parent"), named(&spans, "child"));
    assert_eq!((child.trace_id, child.parent_id), (parent.trace_id, parent.span_id));
}

#[tokio::test]
async fn attributes_of_each_type_become_texts_and_numbers() {
    let Some(app) = App::start(&[]).await else { return };
    let attributes = json!({
        "str_val": "val", "str_val_empty": "", "bool_val": true, "int_val": 1, "int_val_zero": 0,
        "double_val": 4.2, "whole_val": 2.0, "large": 9_223_372_036_854_775_807_i64,
        "array_val_str": ["val1", "val2"], "array_val_int": [10, 20],
        "array_val_bool": [true, false], "array_val_double": [10.1, 20.2],
    });
    let first = app.otel_span_with(json!({ "name": "first", "attributes": attributes })).await;
    app.otel_end(first).await;
    let second = app.otel_span("second").await;
    app.otel_set(second, attributes).await;
    app.otel_end(second).await;
    let third = app.otel_span("third").await;
    for (key, value) in [("a", json!("first")), ("a", json!("last")), ("b", json!(2))] {
        app.otel_set(third, json!({ key: value })).await;
    }
    app.otel_end(third).await;
    let spans = app.spans().await;
    for span in [named(&spans, "first"), named(&spans, "second")] {
        #[rustfmt::skip]
        let table = [
            // tag                 text                             number
            ("str_val",            Some("val"),                     None),
            ("str_val_empty",      Some(""),                        None),
            ("bool_val",           Some("true"),                    None),
            ("int_val",            None,                            Some(1.0)),
            ("int_val_zero",       None,                            Some(0.0)),
            ("double_val",         None,                            Some(4.2)),
            ("whole_val",          None,                            Some(2.0)),
            ("large",              Some("9223372036854775807"),     None),
            ("array_val_str",      None,                            None),
            ("array_val_str.0",    Some("val1"),                    None),
            ("array_val_str.1",    Some("val2"),                    None),
            ("array_val_int.0",    None,                            Some(10.0)),
            ("array_val_int.1",    None,                            Some(20.0)),
            ("array_val_bool.0",   Some("true"),                    None),
            ("array_val_bool.1",   Some("false"),                   None),
            ("array_val_double.0", None,                            Some(10.1)),
            ("array_val_double.1", None,                            Some(20.2)),
        ];
        for (key, text, number) in table {
            assert_eq!((span.tag(key), span.metric(key)), (text, number), "{key}");
        }
    }
    let third = named(&spans, "third");
    assert_eq!((third.tag("a"), third.metric("b")), (Some("last"), Some(2.0)));
}

#[tokio::test]
async fn reserved_attributes_are_fields() {
    let Some(app) = App::start(&[("DD_SERVICE", "configured")]).await else { return };
    let attributes = json!({
        "operation.name": "My.Operation", "service.name": "my.service",
        "resource.name": "my.resource", "span.type": "my.type", "http.response.status_code": 200,
    });
    let request = json!({ "name": "operation", "span_kind": 4, "attributes": attributes });
    let first = app.otel_span_with(request).await;
    app.otel_end(first).await;
    let second = app.otel_span("operation").await;
    app.otel_set(second, attributes).await;
    app.otel_end(second).await;
    let empty = json!({ "name": "empty", "attributes": { "service.name": "" } });
    let empty = app.otel_span_with(empty).await;
    app.otel_end(empty).await;
    let spans = app.spans().await;
    for span in spans.iter().filter(|span| span.resource == "my.resource") {
        assert_eq!((&*span.name, &*span.service), ("my.operation", "my.service"));
        assert_eq!(span.span_type.as_deref(), Some("my.type"));
        assert_eq!(span.tag("http.status_code"), Some("200"));
        for key in [
            "operation.name",
            "service.name",
            "resource.name",
            "span.type",
            "http.response.status_code",
        ] {
            assert_eq!((span.tag(key), span.metric(key)), (None, None), "{key}");
        }
    }
    assert_eq!(spans.iter().filter(|span| span.resource == "my.resource").count(), 2);
    assert_eq!(named(&spans, "empty").service, "configured");
}

#[tokio::test]
async fn analytics_are_switched_by_a_boolean_in_any_of_go_s_spellings() {
    let Some(app) = App::start(&[]).await else { return };
    #[rustfmt::skip]
    let table: [(Value, Option<f64>); 10] = [
        (json!(true), Some(1.0)), (json!("True"), Some(1.0)), (json!("TRUE"), Some(1.0)), (json!("true"), Some(1.0)),
        (json!(false), Some(0.0)), (json!("False"), Some(0.0)), (json!("FALSE"), Some(0.0)), (json!("false"), Some(0.0)),
        (json!("trUe"), None), (json!("something-else"), None),
    ];
    let mut expected = Vec::new();
    for (value, metric) in table {
        let span = json!({ "name": "operation", "attributes": { "analytics.event": value } });
        let span = app.otel_span_with(span).await;
        app.otel_end(span).await;
        expected.push((span.span_id, value, metric));
    }
    let spans = app.spans().await;
    for (span_id, value, metric) in expected {
        let span = spans.iter().find(|span| span.span_id == span_id).unwrap();
        assert_eq!(span.metric("_dd1.sr.eausr"), metric, "{value}");
        assert_eq!(span.tag("analytics.event"), None, "{value}");
    }
}

#[tokio::test]
async fn a_new_name_is_the_resource() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.otel_span("operation").await;
    app.otel("set_name", span, json!({ "name": "new_name" })).await;
    app.otel_end(span).await;
    let sent = app.only_span().await;
    assert_eq!((&*sent.name, &*sent.resource), ("internal", "new_name"));
}

#[tokio::test]
async fn the_context_has_the_ids_of_the_span_and_the_flag_of_its_trace() {
    let Some(app) = App::start(&[]).await else { return };
    let parent = app.otel_span("operation").await;
    let undecided = app.span_context(parent).await;
    assert_eq!((&undecided["trace_flags"], &undecided["trace_state"]), (&json!("01"), &json!("")));
    app.otel_end(parent).await; // The trace leaves, and so it is decided.
    let span = app.otel_child("operation", parent).await;
    let context = app.span_context(span).await;
    app.otel_end(span).await;
    assert_eq!(context["trace_id"], undecided["trace_id"]);
    assert_eq!(context["span_id"], span.span_id);
    assert_eq!((&context["trace_flags"], &context["remote"]), (&json!("01"), &json!(false)));
    assert!(context["trace_state"].as_str().unwrap().starts_with("dd=s:1;"), "{context}");
    let trace_id = context["trace_id"].as_str().unwrap();
    assert_eq!(trace_id.len(), 32);
    assert_eq!(u128::from_str_radix(trace_id, 16).unwrap() as u64, span.trace_id);
}

#[tokio::test]
async fn events_have_names_times_and_attributes() {
    let Some(app) = App::start(&[("DD_TRACE_API_VERSION", "v0.5")]).await else { return };
    let event = json!({ "name": "first_event", "timestamp": THEN, "attributes": { "kept": 1, "nested": [[1]] } });
    let request = json!({ "name": "operation", "events": [event] });
    let span = app.otel_span_with(request).await;
    let second = json!({
        "name": "second_event", "timestamp": null,
        "attributes": { "int_val": 1, "string_val": "2", "int_array": [3, 4], "string_array": ["5", "6"], "bool_array": [false, true] },
    });
    app.otel("add_event", span, second).await;
    app.otel_end(span).await;
    let sent = app.only_span().await;
    let events: Value = serde_json::from_str(sent.tag("events").unwrap()).unwrap();
    assert_eq!(events[0]["name"], "first_event");
    assert_eq!(events[0]["time_unix_nano"], THEN * 1000);
    assert_eq!(events[0]["attributes"], json!({ "kept": 1 }));
    assert_eq!(events[1]["name"], "second_event");
    assert!(events[1]["time_unix_nano"].as_u64().unwrap() > THEN * 1000);
    let attributes = json!({ "int_val": 1, "string_val": "2", "int_array": [3, 4], "string_array": ["5", "6"], "bool_array": [false, true] });
    assert_eq!(events[1]["attributes"], attributes);
    assert_eq!(sent.tag("_dd.span_events.has_exception"), None);
}
