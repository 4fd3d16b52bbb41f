//! The server as its client expects it: ids in three forms, the active span, replies, and a life with and without an Agent.

use serde_json::json;

use crate::harness::{App, Ids};

#[tokio::test]
async fn an_unknown_path_is_not_found_once_the_server_is_ready() {
    let Some(app) = App::start(&[]).await else { return };
    assert_eq!(
        app.call("GET", "/non-existent-endpoint-to-ping-until-the-server-starts", json!({}))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn a_span_is_named_by_number_decimal_text_and_hexadecimal_text() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    let forms = [
        json!(span.span_id),
        json!(span.span_id.to_string()),
        json!(format!("0x{:x}", span.span_id)),
    ];
    for (index, form) in forms.into_iter().enumerate() {
        let tag = json!({ "span_id": form, "key": format!("form.{index}"), "value": "set" });
        app.post("/trace/span/set_meta", tag).await;
    }
    app.finish(span).await;
    let sent = app.only_span().await;
    assert_eq!(sent.meta.iter().filter(|(key, _)| key.starts_with("form.")).count(), 3);
}

#[tokio::test]
async fn a_parent_that_is_known_from_its_headers_can_be_named_by_them() {
    let Some(app) = App::start(&[]).await else { return };
    let incoming = [("x-datadog-trace-id", "7"), ("x-datadog-parent-id", "10")];
    assert_eq!(app.extract(&incoming).await, Some(10));
    let span = app.child("child", 10).await;
    assert_eq!(span.trace_id, 7);
}

#[tokio::test]
async fn nothing_usable_in_headers_is_null() {
    let Some(app) = App::start(&[]).await else { return };
    for headers in [&[][..], &[("x-datadog-trace-id", "0")], &[("traceparent", "\u{0}ü\r\n")]] {
        assert_eq!(app.extract(headers).await, None, "{headers:?}");
    }
}

#[tokio::test]
async fn the_active_span_follows_start_and_finish() {
    let Some(app) = App::start(&[]).await else { return };
    app.assert_none_active().await;
    let root = app.span("root").await;
    app.assert_active(root).await;
    let child = app.child("child", root.span_id).await;
    let grandchild = app.child("grandchild", child.span_id).await;
    app.assert_active(grandchild).await;
    app.finish(grandchild).await;
    app.assert_active(child).await;
    app.finish(child).await;
    app.assert_active(root).await;
    app.finish(root).await;
    app.assert_none_active().await;
}

#[tokio::test]
async fn without_a_parent_a_new_trace_begins_even_below_an_active_span() {
    let Some(app) = App::start(&[]).await else { return };
    let first = app.span("first").await;
    let second = app.span("second").await;
    assert_ne!(first.trace_id, second.trace_id);
    app.finish(second).await;
    app.finish(first).await;
    assert_eq!(app.traces().await.len(), 2);
}

#[tokio::test]
async fn a_finished_span_can_be_a_parent_and_be_injected_until_the_flush() {
    let Some(app) = App::start(&[]).await else { return };
    let root = app.span("root").await;
    app.finish(root).await;
    let injected = app.inject(root).await;
    assert_eq!(injected.get("x-datadog-parent-id"), Some(root.span_id.to_string().as_str()));
    let late = app.child("late", root.span_id).await;
    assert_eq!(late.trace_id, root.trace_id);
    app.finish(late).await;
    app.flush().await;
    let request = json!({ "span_id": root.span_id });
    assert_eq!(app.call("POST", "/trace/span/inject_headers", request).await.0, 400);
}

#[tokio::test]
async fn an_open_span_outlives_a_flush_and_flushes_can_be_repeated() {
    let Some(app) = App::start(&[]).await else { return };
    app.flush().await;
    let span = app.span("root").await;
    app.flush().await;
    app.flush().await;
    app.finish(span).await;
    assert_eq!(app.only_span().await.span_id, span.span_id);
}

#[tokio::test]
async fn an_error_has_its_mark_and_its_three_tags() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    let error = json!({ "span_id": span.span_id, "type": "MyException", "message": "Parametric tests rock", "stack": "fake_stacktrace" });
    app.post("/trace/span/error", error).await;
    app.finish(span).await;
    let empty = app.span("empty").await;
    let error = json!({ "span_id": empty.span_id, "type": "", "message": "", "stack": "" });
    app.post("/trace/span/error", error).await;
    app.finish(empty).await;
    let spans = app.spans().await;
    assert_eq!(spans.iter().map(|span| span.error).collect::<Vec<_>>(), [1, 1], "{spans:#?}");
    let sent = spans.iter().find(|sent| sent.span_id == span.span_id).unwrap();
    assert_eq!(sent.tag("error.type"), Some("MyException"));
    assert_eq!(sent.tag("error.message"), Some("Parametric tests rock"));
    assert_eq!(sent.tag("error.stack"), Some("fake_stacktrace"));
}

#[tokio::test]
async fn a_resource_can_be_changed() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    let request = json!({ "span_id": span.span_id, "resource": "GET /users/{id}" });
    app.post("/trace/span/set_resource", request).await;
    app.finish(span).await;
    let sent = app.only_span().await;
    assert_eq!((sent.name.as_str(), sent.resource.as_str()), ("root", "GET /users/{id}"));
}

#[tokio::test]
async fn impossible_requests_are_refused_with_a_reason() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    let unknown = json!({ "span_id": 5 });
    for (path, request) in [
        ("/trace/span/finish", unknown.clone()),
        ("/trace/span/inject_headers", unknown.clone()),
        ("/trace/span/manual_keep", unknown),
        ("/trace/span/start", json!({ "name": "child", "parent_id": 5 })),
        ("/trace/span/add_link", json!({ "span_id": span.span_id, "parent_id": 5 })),
        ("/trace/span/finish", json!({ "span_id": "five" })),
        ("/trace/span/finish", json!({})),
    ] {
        let (status, why) = app.call("POST", path, request.clone()).await;
        assert!((400..500).contains(&status) && status != 404, "{path} {request}: {status}");
        assert!(!why.is_empty(), "{path} {request}");
    }
}

#[tokio::test]
async fn one_hop_after_the_other_keeps_everything_but_the_parent() {
    let Some(app) = App::start(&[]).await else { return };
    let incoming = [
        ("x-datadog-trace-id", "7"),
        ("x-datadog-parent-id", "8"),
        ("x-datadog-sampling-priority", "2"),
        ("x-datadog-origin", "rum"),
        ("x-datadog-tags", "_dd.p.dm=-4,_dd.p.tid=1234567890123456"),
        ("traceparent", "00-12345678901234560000000000000007-0000000000000008-01"),
        ("tracestate", "dd=s:2;o:rum;t.dm:-4,foo=1,bar=2"),
        ("baggage", "a=%C3%BC"),
    ];
    let (first, from_first) = app.hop(&incoming).await;
    let (second, from_second) = app.hop(&from_first.pairs()).await;
    let without_parent = |headers: &crate::harness::Headers, span: Ids| {
        let (hex, decimal) = (format!("{:016x}", span.span_id), span.span_id.to_string());
        let blank = |value: &str| value.replace(&hex, "-").replace(&decimal, "-");
        headers
            .pairs()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), blank(value)))
            .collect::<Vec<_>>()
    };
    assert_eq!(without_parent(&from_second, second), without_parent(&from_first, first));
    assert_eq!(from_second.get("baggage"), Some("a=%C3%BC"));
}

#[tokio::test]
async fn every_endpoint_responds_without_an_agent() {
    let Some(app) = App::start(&[("DD_TRACE_AGENT_URL", "http://127.0.0.1:9")]).await else {
        return;
    };
    let span = app.span("root").await;
    assert!(!app.inject(span).await.is_empty());
    app.finish(span).await;
    let (status, why) = app.call("POST", "/trace/span/flush", json!({})).await;
    assert_eq!(status, 502, "{why}");
    let reply = app.post("/trace/otel/flush", json!({ "seconds": 1 })).await;
    assert!(reply["success"].is_boolean(), "{reply}");
}

#[tokio::test]
async fn a_crash_is_a_segmentation_fault_without_a_reply() {
    let Some(app) = App::start(&[]).await else { return };
    let sigsegv = 11;
    assert_eq!(app.crash().await, Some(sigsegv));
}

#[tokio::test]
async fn attributes_of_opentelemetry_become_flat_tags() {
    let Some(app) = App::start(&[]).await else { return };
    let attributes = json!({
        "text": "a", "bool": true, "number": 2.5, "null": null,
        "list": ["a", 1], "object": { "key": "b", "list": [false] },
    });
    let start = json!({ "name": "root", "attributes": attributes });
    let reply = app.post("/trace/otel/start_span", start).await;
    app.post("/trace/otel/end_span", json!({ "id": reply["span_id"] })).await;
    let sent = app.only_span().await;
    #[rustfmt::skip]
    let table = [
        // tag            value
        ("text",          Some("a")),
        ("bool",          Some("true")),
        ("list.0",        Some("a")),
        ("object.key",    Some("b")),
        ("object.list.0", Some("false")),
        ("null",          None),
    ];
    for (key, value) in table {
        assert_eq!(sent.tag(key), value, "{key}");
    }
    assert_eq!((sent.metrics.get("number"), sent.metrics.get("list.1")), (Some(&2.5), Some(&1.0)));
}
