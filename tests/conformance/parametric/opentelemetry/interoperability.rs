//! Spans of both APIs in one trace, as in `test_otel_api_interoperability`.

use serde_json::{Value, json};

use super::named;
use crate::harness::App;

#[tokio::test]
async fn a_span_of_each_api_is_seen_by_the_other() {
    let Some(app) = App::start(&[]).await else { return };
    app.assert_none_active().await;
    let theirs = app.otel_span("otel_span").await;
    app.assert_active(theirs).await;
    app.otel_end(theirs).await;
    app.assert_none_active().await;
    let ours = app.span("dd_span").await;
    app.assert_active(ours).await;
    app.finish(ours).await;
    app.assert_none_active().await;
    assert_eq!(app.traces().await.len(), 2);
}

#[tokio::test]
async fn a_child_of_one_api_below_a_parent_of_the_other() {
    let Some(app) = App::start(&[]).await else { return };
    let ours = app.span("dd_root").await;
    let their_child = app.otel_child("otel_child", ours).await;
    app.assert_active(their_child).await;
    app.otel_end(their_child).await;
    app.assert_active(ours).await;
    app.finish(ours).await;
    let theirs = app.otel_span("otel_root").await;
    let our_child = app.child("dd_child", theirs.span_id).await;
    app.assert_active(our_child).await;
    app.finish(our_child).await;
    app.assert_active(theirs).await;
    app.otel_end(theirs).await;
    let spans = app.spans().await;
    for (root, child) in [("dd_root", "otel_child"), ("otel_root", "dd_child")] {
        let (root, child) = (named(&spans, root), named(&spans, child));
        assert_eq!((child.trace_id, child.parent_id), (root.trace_id, root.span_id));
    }
}

#[tokio::test]
async fn a_span_that_one_api_ended_does_not_record_for_the_other() {
    let Some(app) = App::start(&[]).await else { return };
    let ours = app.span("dd_span").await;
    assert!(app.is_recording(ours).await);
    app.finish(ours).await;
    assert!(!app.is_recording(ours).await);
    let theirs = app.otel_span("otel_span").await;
    app.finish(theirs).await;
    assert!(!app.is_recording(theirs).await);
    app.otel_end(theirs).await;
    let by_theirs = app.span("ended by otel").await;
    app.otel_end(by_theirs).await;
    app.assert_none_active().await;
    assert_eq!(app.spans().await.len(), 3);
}

/// Sets the tag of a span by the native endpoint.
async fn set_natively(app: &App, endpoint: &str, span_id: u64, key: &str, value: Value) {
    let request = json!({ "span_id": span_id, "key": key, "value": value });
    app.post(&format!("/trace/span/{endpoint}"), request).await;
}

#[tokio::test]
async fn both_set_update_and_remove_the_same_tags() {
    let Some(app) = App::start(&[]).await else { return };
    for name in ["dd_span", "otel_span"] {
        let span = if name == "dd_span" { app.span(name).await } else { app.otel_span(name).await };
        let id = span.span_id;
        set_natively(&app, "set_meta", id, "updated by otel", json!("old")).await;
        set_natively(&app, "set_meta", id, "removed by otel", json!("old")).await;
        set_natively(&app, "set_metric", id, "number updated by otel", json!(1)).await;
        set_natively(&app, "set_metric", id, "number removed by otel", json!(1)).await;
        app.otel_set(
            span,
            json!({
                "updated by otel": "new", "removed by otel": null,
                "number updated by otel": 2, "number removed by otel": null,
                "updated by dd": "old", "removed by dd": "old", "number removed by dd": 1,
            }),
        )
        .await;
        set_natively(&app, "set_meta", id, "updated by dd", json!("new")).await;
        set_natively(&app, "set_meta", id, "removed by dd", Value::Null).await;
        set_natively(&app, "set_metric", id, "number removed by dd", Value::Null).await;
        app.finish(span).await;
        app.otel_end(span).await;
    }
    let spans = app.spans().await;
    for span in [named(&spans, "dd_span"), named(&spans, "otel_span")] {
        assert_eq!(span.tag("updated by otel"), Some("new"));
        assert_eq!(span.tag("updated by dd"), Some("new"));
        assert_eq!(span.metric("number updated by otel"), Some(2.0));
        for key in
            ["removed by otel", "removed by dd", "number removed by otel", "number removed by dd"]
        {
            assert_eq!((span.tag(key), span.metric(key)), (None, None), "{key}");
        }
    }
    assert_eq!(spans.len(), 2);
}

#[tokio::test]
async fn values_of_each_type_are_the_same_tags_by_either_api() {
    let Some(app) = App::start(&[]).await else { return };
    let by_otel = app.span("set by otel").await;
    app.otel_set(
        by_otel,
        json!({
            "int": 1, "float": 2.5, "bool": true, "str": "a",
            "str_array": ["a", "b"], "nested": [["a", "b"], ["c"]], "null": null,
        }),
    )
    .await;
    app.finish(by_otel).await;
    let by_dd = app.otel_span("set by dd").await;
    for (endpoint, key, value) in [
        ("set_metric", "int", json!(1)),
        ("set_metric", "float", json!(2.5)),
        ("set_meta", "bool", json!(true)),
        ("set_meta", "str", json!("a")),
        ("set_meta", "str_array", json!(["a", "b"])),
        ("set_meta", "nested", json!([["a", "b"], ["c"]])),
        ("set_meta", "null", Value::Null),
    ] {
        set_natively(&app, endpoint, by_dd.span_id, key, value).await;
    }
    app.otel_end(by_dd).await;
    let spans = app.spans().await;
    for span in [named(&spans, "set by otel"), named(&spans, "set by dd")] {
        #[rustfmt::skip]
        let table = [
            ("int",         None,           Some(1.0)),
            ("float",       None,           Some(2.5)),
            ("bool",        Some("true"),   None),
            ("str",         Some("a"),      None),
            ("str_array",   None,           None),
            ("str_array.0", Some("a"),      None),
            ("str_array.1", Some("b"),      None),
            ("nested.0.0",  Some("a"),      None),
            ("nested.0.1",  Some("b"),      None),
            ("nested.1.0",  Some("c"),      None),
            ("null",        None,           None),
        ];
        for (key, text, number) in table {
            assert_eq!(
                (span.tag(key), span.metric(key)),
                (text, number),
                "{} {key}",
                span.resource
            );
        }
    }
}

#[tokio::test]
async fn the_resource_can_be_changed_by_either_until_the_end() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.otel_span("my_resource").await;
    let resource = |name: &str| json!({ "span_id": span.span_id, "resource": name });
    app.post("/trace/span/set_resource", resource("my_new_resource")).await;
    app.finish(span).await;
    assert!(!app.is_recording(span).await);
    app.post("/trace/span/set_resource", resource("too late")).await;
    app.otel("set_name", span, json!({ "name": "too late" })).await;
    let ours = app.span("dd_span").await;
    app.otel("set_name", ours, json!({ "name": "renamed" })).await;
    app.otel_end(ours).await;
    let spans = app.spans().await;
    assert_eq!(named(&spans, "my_new_resource").name, "internal");
    assert_eq!(named(&spans, "renamed").name, "dd_span");
}

#[tokio::test]
async fn a_link_of_the_native_endpoint_is_one_of_the_span() {
    let Some(app) = App::start(&[]).await else { return };
    let target = app.span("dd_root").await;
    let span = app.otel_span("otel_root").await;
    let link = json!({ "span_id": span.span_id, "parent_id": target.span_id, "attributes": { "arg1": "val1" } });
    app.post("/trace/span/add_link", link).await;
    app.otel_end(span).await;
    app.finish(target).await;
    let spans = app.spans().await;
    let [link] = &named(&spans, "otel_root").span_links[..] else { panic!("{spans:#?}") };
    assert_eq!((link.span_id, link.attributes["arg1"].as_str()), (target.span_id, "val1"));
}

#[tokio::test]
async fn concurrent_traces_in_order_have_the_span_of_each_active() {
    let Some(app) = App::start(&[]).await else { return };
    let their_root = app.otel_span("otel_root").await;
    let our_child = app.child("dd_child", their_root.span_id).await;
    app.assert_active(our_child).await;
    app.finish(our_child).await;
    app.assert_active(their_root).await;
    app.otel_end(their_root).await;
    app.assert_none_active().await;
    let our_root = app.span("dd_root").await;
    let their_child = app.otel_child("otel_child", our_root).await;
    app.assert_active(their_child).await;
    app.otel_end(their_child).await;
    app.assert_active(our_root).await;
    app.finish(our_root).await;
    app.assert_none_active().await;
    let traces = app.traces().await;
    assert_eq!(traces.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
}

#[tokio::test]
async fn concurrent_traces_nested_give_back_the_one_around_them() {
    let Some(app) = App::start(&[]).await else { return };
    let their_root = app.otel_span("otel_root").await;
    let our_root = app.span("dd_root").await;
    app.assert_active(our_root).await;
    let their_child = app.otel_child("otel_child", their_root).await;
    app.assert_active(their_child).await;
    let our_child = app.child("dd_child", our_root.span_id).await;
    app.assert_active(our_child).await;
    app.finish(our_child).await;
    app.assert_active(our_root).await;
    app.otel_end(their_child).await;
    app.finish(our_root).await;
    app.assert_active(their_root).await;
    app.otel_end(their_root).await;
    app.otel_end(their_root).await;
    app.assert_none_active().await;
    let spans = app.spans().await;
    assert_eq!(named(&spans, "dd_child").parent_id, our_root.span_id);
    assert_eq!(named(&spans, "otel_child").parent_id, their_root.span_id);
    assert_ne!(our_root.trace_id, their_root.trace_id);
}

#[tokio::test]
async fn headers_are_continued_and_written_with_either_api() {
    let Some(app) = App::start(&[]).await else { return };
    let headers = [
        ("traceparent", "00-11111111111111110000000000000002-000000000000000a-01"),
        ("tracestate", "foo=1,dd=s:2;o:synthetics;t.foo:bar"),
        ("baggage", "foo=1"),
    ];
    let parent = app.extract(&headers).await.unwrap();
    assert_eq!(parent, 10);
    let theirs = json!({ "name": "otel_span", "parent_id": parent });
    let theirs = app.otel_span_with(theirs).await;
    let ours = app.child("dd_span", parent).await;
    for span in [theirs, ours] {
        let context = app.span_context(span).await;
        assert_eq!(context["trace_id"], "11111111111111110000000000000002");
        assert_eq!((&context["trace_flags"], &context["remote"]), (&json!("01"), &json!(false)));
        let state = context["trace_state"].as_str().unwrap();
        for item in
            ["foo=1", "o:synthetics", "s:2", "t.foo:bar", &format!("p:{:016x}", span.span_id)]
        {
            assert!(state.contains(item), "{item}: {state}");
        }
        assert!(state.starts_with("dd="), "{state}");
        let injected = app.inject(span).await;
        let expected = format!("00-11111111111111110000000000000002-{:016x}-01", span.span_id);
        assert_eq!(injected.get("traceparent"), Some(&*expected));
        assert_eq!(injected.get("baggage"), Some("foo=1"));
        app.otel_end(span).await;
    }
    for span in app.spans().await {
        assert_eq!((span.trace_id, span.parent_id), (2, 10));
        assert_eq!(span.metric("_sampling_priority_v1"), Some(2.0));
    }
}

#[tokio::test]
async fn a_dropped_trace_has_its_flag_and_its_state() {
    let Some(app) = App::start(&[]).await else { return };
    let headers = [
        ("traceparent", "00-11111111111111110000000000000002-000000000000000a-00"),
        ("tracestate", "foo=1,dd=s:-2;o:synthetics"),
    ];
    let parent = app.extract(&headers).await.unwrap();
    let span = app.otel_span_with(json!({ "name": "otel_span", "parent_id": parent })).await;
    let context = app.span_context(span).await;
    assert_eq!(context["trace_flags"], "00");
    assert!(context["trace_state"].as_str().unwrap().contains("s:-2"), "{context}");
    assert!(app.is_recording(span).await);
    app.otel_end(span).await;
}
