//! Status and exceptions, as in `test_otel_span_methods`.

use serde_json::{Value, json};

use super::named;
use crate::harness::App;

/// A name, codes with descriptions, and then the error mark and the message.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], i32, Option<&'a str>);

#[tokio::test]
async fn a_status_never_goes_back() {
    let Some(app) = App::start(&[]).await else { return };
    #[rustfmt::skip]
    let table: [Row<'_>; 6] = [
        ("unset",                    &[("UNSET", "unused")],                                                0, None),
        ("error",                    &[("ERROR", "error_desc")],                                            1, Some("error_desc")),
        ("error, then unset",        &[("ERROR", "error_desc"), ("UNSET", "unset_desc")],                   1, Some("error_desc")),
        ("ok, then error",           &[("OK", "ok_desc"), ("ERROR", "error_desc")],                         0, None),
        ("error, then ok",           &[("ERROR", "error_desc"), ("OK", "ok_desc")],                         0, None),
        ("ok, then error and unset", &[("OK", "ok_desc"), ("ERROR", "error_desc"), ("UNSET", "unset_desc")], 0, None),
    ];
    for (name, statuses, _, _) in table {
        let span = app.otel_span(name).await;
        for (code, description) in statuses {
            app.otel_status(span, code, description).await;
        }
        app.otel_end(span).await;
    }
    let spans = app.spans().await;
    for (name, _, error, message) in table {
        let span = named(&spans, name);
        assert_eq!((span.error, span.tag("error.message")), (error, message), "{name}");
    }
}

#[tokio::test]
async fn an_exception_alone_is_no_error() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.otel_span("operation").await;
    let exception = json!({ "message": "woof", "attributes": { "string_val": "value" } });
    app.otel("record_exception", span, exception).await;
    app.otel_end(span).await;
    let sent = app.only_span().await;
    assert_eq!((sent.error, sent.tag("error.message")), (0, None));
    assert_eq!(sent.tag("_dd.span_events.has_exception"), Some("true"));
}

#[tokio::test]
async fn the_last_exception_describes_the_error_and_all_stay_as_events() {
    let Some(app) = App::start(&[("DD_TRACE_API_VERSION", "v0.5")]).await else { return };
    let span = app.otel_span("operation").await;
    app.otel_status(span, "ERROR", "error_desc").await;
    let first = json!({ "message": "woof1", "attributes": { "string_val": "value", "exception.stacktrace": "stacktrace1" } });
    app.otel("record_exception", span, first).await;
    let between = json!({ "name": "non_exception_event", "timestamp": null, "attributes": { "exception.stacktrace": "non-error" } });
    app.otel("add_event", span, between).await;
    let last =
        json!({ "message": "woof3", "attributes": { "exception.message": "message override" } });
    app.otel("record_exception", span, last).await;
    app.otel_end(span).await;
    let sent = app.only_span().await;
    assert_eq!(sent.error, 1);
    assert_eq!(sent.tag("error.message"), Some("message override"));
    assert_eq!(sent.tag("error.stack"), Some("stacktrace1"));
    assert!(sent.tag("error.type").is_some());
    let events: Value = serde_json::from_str(sent.tag("events").unwrap()).unwrap();
    let names: Vec<_> = events.as_array().unwrap().iter().map(|event| &event["name"]).collect();
    assert_eq!(names, ["exception", "non_exception_event", "exception"]);
    assert_eq!(events[0]["attributes"]["string_val"], "value");
    assert_eq!(events[0]["attributes"]["exception.message"], "woof1");
    assert_eq!(events[2]["attributes"]["exception.message"], "message override");
    let times: Vec<_> =
        events.as_array().unwrap().iter().map(|event| event["time_unix_nano"].as_u64()).collect();
    assert!(times.is_sorted_by(|earlier, later| earlier < later), "{times:?}");
}

#[tokio::test]
async fn an_error_of_the_native_endpoint_and_a_status_are_one_state() {
    let Some(app) = App::start(&[]).await else { return };
    let ours = app.span("ours").await;
    app.otel_status(ours, "ERROR", "error_desc").await;
    app.finish(ours).await;
    let theirs = app.otel_span("theirs").await;
    let error = json!({ "span_id": theirs.span_id, "type": "MyException", "message": "native", "stack": "" });
    app.post("/trace/span/error", error).await;
    app.otel_end(theirs).await;
    let spans = app.spans().await;
    let ours = named(&spans, "ours");
    assert_eq!((ours.error, ours.tag("error.message")), (1, Some("error_desc")));
    let theirs = named(&spans, "theirs");
    assert_eq!((theirs.error, theirs.tag("error.type")), (1, Some("MyException")));
}
