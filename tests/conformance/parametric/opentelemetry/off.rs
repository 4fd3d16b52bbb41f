//! `DD_TRACE_OTEL_ENABLED` and `OTEL_SDK_DISABLED`.

use serde_json::json;

use crate::harness::{App, Env};

#[tokio::test]
async fn the_variable_of_datadog_wins_over_that_of_opentelemetry() {
    #[rustfmt::skip]
    let table: [(Env<'_>, bool); 6] = [
        (&[],                                                                   true),
        (&[("DD_TRACE_OTEL_ENABLED", "false")],                                 false),
        (&[("OTEL_SDK_DISABLED", "true")],                                      false),
        (&[("OTEL_SDK_DISABLED", "false")],                                     true),
        (&[("DD_TRACE_OTEL_ENABLED", "true"), ("OTEL_SDK_DISABLED", "true")],   true),
        (&[("DD_TRACE_OTEL_ENABLED", "false"), ("OTEL_SDK_DISABLED", "false")], false),
    ];
    for (environment, is_on) in table {
        let app = App::start_without(&["DD_TRACE_OTEL_ENABLED"], environment).await;
        let Some(app) = app else { return };
        let theirs = app.otel_span("theirs").await;
        assert_eq!(app.is_recording(theirs).await, is_on, "{environment:?}");
        app.otel_end(theirs).await;
        let ours = app.span("ours").await;
        app.finish(ours).await;
        let names: Vec<_> = app.spans().await.into_iter().map(|span| span.resource).collect();
        let expected = if is_on { &["theirs", "ours"][..] } else { &["ours"] };
        assert_eq!(names.len(), expected.len(), "{environment:?} {names:?}");
        assert!(expected.iter().all(|name| names.iter().any(|found| found == name)), "{names:?}");
    }
}

#[tokio::test]
async fn without_tracing_the_api_has_no_effect() {
    let Some(app) = App::start(&[("DD_TRACE_ENABLED", "false")]).await else { return };
    let span = app.otel_span("theirs").await;
    app.otel_set(span, json!({ "key": "value" })).await;
    assert!(!app.is_recording(span).await);
    assert_eq!(app.span_context(span).await["trace_id"], "0".repeat(32));
    app.otel_end(span).await;
    assert_eq!(app.spans().await.len(), 0);
}
