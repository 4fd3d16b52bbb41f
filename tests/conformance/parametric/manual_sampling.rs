//! Manual decisions: they win over received ones, over the sampler, and over earlier ones.

use packdog_tests::peers::Span;
use serde_json::json;

use crate::harness::{App, Ids};

async fn decide(app: &App, span: Ids, keep_or_drop: &str) {
    app.post(&format!("/trace/span/manual_{keep_or_drop}"), json!({ "span_id": span.span_id }))
        .await;
}

fn assert_decided(span: &Span, priority: f64) {
    assert_eq!(span.metric("_sampling_priority_v1"), Some(priority), "{span:#?}");
    assert_eq!(span.tag("_dd.p.dm"), Some("-4"), "{span:#?}");
    for metric in ["_dd.rule_psr", "_dd.limit_psr", "_dd.agent_psr"] {
        assert_eq!(span.metric(metric), None, "{span:#?}");
    }
}

#[tokio::test]
async fn a_keep_or_drop_is_sent_and_injected() {
    for (decision, priority) in [("keep", 2), ("drop", -1)] {
        let Some(app) = App::start(&[]).await else { return };
        let span = app.span("root").await;
        decide(&app, span, decision).await;
        let injected = app.inject(span).await;
        app.finish(span).await;
        let text = priority.to_string();
        assert_eq!(injected.get("x-datadog-sampling-priority"), Some(text.as_str()));
        assert_eq!(injected.datadog_tag("_dd.p.dm"), Some("-4"));
        assert_eq!(injected.get("traceparent").unwrap().ends_with("-01"), priority > 0);
        assert_decided(&app.only_span().await, f64::from(priority));
    }
}

#[tokio::test]
async fn the_tags_decide_like_the_calls_whatever_their_value_and_are_not_sent() {
    for (key, value, priority) in [
        ("manual.keep", "true", 2.0),
        ("manual.keep", "", 2.0),
        ("manual.keep", "false", 2.0),
        ("manual.drop", "1", -1.0),
    ] {
        let Some(app) = App::start(&[]).await else { return };
        let span = app.span("root").await;
        app.set_meta(span, key, value).await;
        app.finish(span).await;
        let sent = app.only_span().await;
        assert_decided(&sent, priority);
        assert_eq!(sent.tag(key), None);
    }
}

#[tokio::test]
async fn a_tag_at_the_start_decides_as_well() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span_with(json!({ "name": "root", "span_tags": [["manual.drop", "1"]] })).await;
    app.finish(span).await;
    assert_decided(&app.only_span().await, -1.0);
}

#[tokio::test]
async fn any_span_of_the_trace_can_overrule_a_received_decision() {
    for (came, decision, priority) in [("-1", "keep", 2), ("0", "keep", 2), ("2", "drop", -1)] {
        let Some(app) = App::start(&[]).await else { return };
        let incoming = [
            ("x-datadog-trace-id", "7"),
            ("x-datadog-parent-id", "8"),
            ("x-datadog-sampling-priority", came),
            ("x-datadog-tags", "_dd.p.dm=-3"),
        ];
        let parent = app.extract(&incoming).await.unwrap();
        let root = app.child("root", parent).await;
        let child = app.child("child", root.span_id).await;
        decide(&app, child, decision).await;
        let injected = app.inject(root).await;
        assert_eq!(injected.datadog_tag("_dd.p.dm"), Some("-4"));
        app.finish(child).await;
        app.finish(root).await;
        let spans = app.spans().await;
        let root = spans.iter().find(|span| span.span_id == root.span_id).unwrap();
        assert_decided(root, f64::from(priority));
    }
}

#[tokio::test]
async fn the_last_decision_counts_also_after_an_injection() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("root").await;
    let priority = async || {
        let injected = app.inject(span).await;
        injected.get("x-datadog-sampling-priority").unwrap().to_owned()
    };
    assert_eq!(priority().await, "1");
    decide(&app, span, "drop").await;
    assert_eq!(priority().await, "-1");
    decide(&app, span, "keep").await;
    assert_eq!(priority().await, "2");
    app.finish(span).await;
    assert_decided(&app.only_span().await, 2.0);
}

#[tokio::test]
async fn a_received_decision_is_final_and_no_rate_is_sent() {
    let Some(app) = App::start(&[("DD_TRACE_SAMPLE_RATE", "0")]).await else { return };
    let incoming = [
        ("x-datadog-trace-id", "7"),
        ("x-datadog-parent-id", "0"),
        ("x-datadog-sampling-priority", "1"),
    ];
    let (_, injected) = app.hop(&incoming).await;
    assert_eq!(injected.get("x-datadog-sampling-priority"), Some("1"));
    let sent = app.only_span().await;
    assert_eq!(sent.metric("_sampling_priority_v1"), Some(1.0));
    assert_eq!(sent.metric("_dd.rule_psr"), None);
}

#[tokio::test]
async fn a_configured_rate_decides_about_new_traces() {
    for (rate, priority) in [("0", -1.0), ("1", 2.0), ("0.0", -1.0)] {
        let Some(app) = App::start(&[("DD_TRACE_SAMPLE_RATE", rate)]).await else { return };
        let (_, injected) = app.hop(&[]).await;
        assert_eq!(
            injected.get("x-datadog-sampling-priority"),
            Some(priority.to_string().as_str())
        );
        assert_eq!(injected.datadog_tag("_dd.p.dm"), Some("-3"), "{rate}");
        let sent = app.only_span().await;
        assert_eq!(sent.metric("_sampling_priority_v1"), Some(priority), "{rate}");
        assert_eq!(sent.metric("_dd.rule_psr"), rate.parse().ok());
        assert_eq!(sent.tag("_dd.p.ksr"), Some(&rate[..1]));
    }
}

#[tokio::test]
async fn a_manual_decision_wins_over_a_configured_rate() {
    let Some(app) = App::start(&[("DD_TRACE_SAMPLE_RATE", "0")]).await else { return };
    let span = app.span("root").await;
    decide(&app, span, "keep").await;
    app.finish(span).await;
    assert_decided(&app.only_span().await, 2.0);
}
