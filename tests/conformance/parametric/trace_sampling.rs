//! `DD_TRACE_SAMPLING_RULES`: the rule that decides about a trace, and the tags that show it.

use packdog_tests::peers::Span;
use serde_json::{Value, json};

use crate::harness::{App, Ids};

const RULES: &str = "DD_TRACE_SAMPLING_RULES";
const RATE: &str = "DD_TRACE_SAMPLE_RATE";
const LIMIT: &str = "DD_TRACE_RATE_LIMIT";

/// Priority, rate of the rule and decision maker of a trace that rule or rate kept or dropped.
fn assert_decided_by_rule(root: &Span, rate: f64, is_kept: bool, row: &str) {
    let priority = if is_kept { 2.0 } else { -1.0 };
    assert_eq!(root.metric("_sampling_priority_v1"), Some(priority), "{row}");
    assert_eq!(root.metric("_dd.rule_psr"), Some(rate), "{row}");
    assert_eq!(root.tag("_dd.p.dm"), Some("-3"), "{row}");
    assert_eq!(root.metric("_dd.agent_psr"), None, "{row}");
    // The limit applies only to traces that the rate keeps.
    assert_eq!(root.metric("_dd.limit_psr"), is_kept.then_some(1.0), "{row}");
}

async fn set_metric(app: &App, span: Ids, key: &str, value: &Value) {
    let request = json!({ "span_id": span.span_id, "key": key, "value": value });
    app.post("/trace/span/set_metric", request).await;
}

/// Starts a root, sets tags on it afterwards, and returns it as it was sent.
async fn sent_root(app: &App, root: &Value, meta: &[(&str, &str)], metrics: &Value) -> Span {
    let span = app.span_with(root.clone()).await;
    for (key, value) in meta {
        app.set_meta(span, key, value).await;
    }
    for (key, value) in metrics.as_object().unwrap() {
        set_metric(app, span, key, value).await;
    }
    app.finish(span).await;
    app.spans().await.into_iter().find(|sent| sent.span_id == span.span_id).unwrap()
}

#[tokio::test]
async fn the_first_matching_rule_decides_by_all_of_its_patterns() {
    let root = json!({ "name": "web.request", "service": "webserver", "resource": "/bar" });
    let tags = [("tag1", "val1"), ("tag2", "val2")];
    #[rustfmt::skip]
    let table = [
        // rules                                                                            rate
        (json!([{"service": "webserver", "sample_rate": 0}]),                                0.0),
        (json!([{"service": "other", "sample_rate": 0}, {"service": "webserver", "sample_rate": 1}]), 1.0),
        (json!([{"service": "WEB*", "name": "wEb.rEquEst", "sample_rate": 0}]),              0.0),
        (json!([{"service": "webserver", "name": "other", "sample_rate": 0}, {"sample_rate": 1}]), 1.0),
        (json!([{"service": "w?bs?rv?r", "sample_rate": 0}, {"sample_rate": 1}]),            0.0),
        (json!([{"service": "[a-z]*", "sample_rate": 0}, {"sample_rate": 1}]),               1.0),
        (json!([{"resource": "/?ar", "sample_rate": 0}, {"sample_rate": 1}]),                0.0),
        (json!([{"resource": "/bar.*", "sample_rate": 0}, {"sample_rate": 1}]),              1.0),
        (json!([{"tags": {"tag1": "val1", "tag2": "val2"}, "sample_rate": 0}]),              0.0),
        (json!([{"tags": {"tag1": "val1", "tag2": "other"}, "sample_rate": 0}, {"sample_rate": 1}]), 1.0),
        (json!([{"tags": {"tag1": "v?l*"}, "sample_rate": 0}, {"sample_rate": 1}]),          0.0),
        (json!([{"tags": {"missing": "*"}, "sample_rate": 0}, {"sample_rate": 1}]),          1.0),
        (json!([{"tags": {"TAG1": "val1"}, "sample_rate": 0}, {"sample_rate": 1}]),          1.0),
        (json!([{"sample_rate": 2}, {"sample_rate": 0}]),                                    0.0),
    ];
    for (rules, rate) in table {
        let rules = rules.to_string();
        let Some(app) = App::start(&[(RULES, &rules)]).await else { return };
        let root = sent_root(&app, &root, &tags, &json!({})).await;
        assert_decided_by_rule(&root, rate, rate > 0.0, &rules);
    }
}

#[tokio::test]
async fn numbers_match_by_their_digits_if_they_are_whole() {
    #[rustfmt::skip]
    let table = [
        // metric  pattern  matches
        (20.0,     "20",    true),
        (20.0,     "2*",    true),
        (20.0,     "2?",    true),
        (20.0,     "*",     true),
        (-100.0,   "-100",  true),
        (20.1,     "20",    false),
        (20.1,     "2*",    false),
        (20.1,     "20.1",  false),
        (20.1,     "*",     true),
    ];
    let mut rules = Vec::new();
    let mut metrics = serde_json::Map::new();
    for (index, (metric, pattern, _)) in table.iter().enumerate() {
        metrics.insert(format!("m{index}"), json!(metric));
        rules.push(json!({
            "name": format!("r{index}"), "tags": { format!("m{index}"): pattern }, "sample_rate": 0,
        }));
    }
    let Some(app) = App::start(&[(RULES, &json!(rules).to_string())]).await else { return };
    for (index, (metric, pattern, matches)) in table.into_iter().enumerate() {
        let root = json!({ "name": format!("r{index}") });
        let root = sent_root(&app, &root, &[], &Value::Object(metrics.clone())).await;
        let is_decided = root.metric("_dd.rule_psr").is_some();
        assert_eq!(is_decided, matches, "{metric} {pattern}");
    }
}

#[tokio::test]
async fn the_global_rate_stands_behind_the_rules() {
    let rules = json!([{ "service": "webserver", "sample_rate": 0 }]).to_string();
    let Some(app) = App::start(&[(RULES, &rules), (RATE, "1")]).await else { return };
    for (service, rate) in [("webserver", 0.0), ("other", 1.0)] {
        let root = json!({ "name": "web.request", "service": service });
        let root = sent_root(&app, &root, &[], &json!({})).await;
        assert_decided_by_rule(&root, rate, rate > 0.0, service);
        let rate = rate.to_string();
        assert_eq!(root.tag("_dd.p.ksr"), Some(rate.as_str()), "{service}");
    }
}

#[tokio::test]
async fn an_unusable_list_means_no_rules_and_one_warning() {
    for rules in ["[{", r#"{"sample_rate": 0}"#, "nonsense"] {
        let Some(app) = App::start(&[(RULES, rules)]).await else { return };
        let root = sent_root(&app, &json!({ "name": "root" }), &[], &json!({})).await;
        assert_eq!(root.metric("_sampling_priority_v1"), Some(1.0), "{rules}");
        assert_eq!(root.metric("_dd.rule_psr"), None, "{rules}");
        let output = app.end();
        assert_eq!(output.matches(RULES).count(), 1, "{rules}: {output}");
    }
}

#[tokio::test]
async fn injection_decides_with_the_tags_that_are_set_by_then() {
    let rules = json!([{ "tags": { "early": "yes" }, "sample_rate": 0 }, { "sample_rate": 1 }]);
    for (is_early, priority) in [(true, "-1"), (false, "2")] {
        let Some(app) = App::start(&[(RULES, &rules.to_string())]).await else { return };
        let span = app.span("root").await;
        if is_early {
            app.set_meta(span, "early", "yes").await;
        }
        let injected = app.inject(span).await;
        assert_eq!(injected.get("x-datadog-sampling-priority"), Some(priority));
        app.set_meta(span, "early", "yes").await;
        app.finish(span).await;
        let sent = app.only_span().await;
        assert_eq!(sent.metric("_sampling_priority_v1"), Some(priority.parse().unwrap()));
    }
}

#[tokio::test]
async fn a_received_priority_is_final() {
    let rules = json!([{ "sample_rate": 0 }]).to_string();
    let Some(app) = App::start(&[(RULES, &rules), (RATE, "0")]).await else { return };
    for parent_id in ["8", "0"] {
        let incoming = [
            ("x-datadog-trace-id", "7"),
            ("x-datadog-parent-id", parent_id),
            ("x-datadog-sampling-priority", "1"),
        ];
        let (span, injected) = app.hop(&incoming).await;
        assert_eq!(injected.get("x-datadog-sampling-priority"), Some("1"), "{parent_id}");
        let sent = app.spans().await;
        let sent = sent.iter().find(|sent| sent.span_id == span.span_id).unwrap();
        assert_eq!(sent.metric("_dd.rule_psr"), None, "{parent_id}");
        assert_eq!(sent.metric("_sampling_priority_v1"), Some(1.0), "{parent_id}");
    }
}

#[tokio::test]
async fn rates_and_limit_are_on_the_root_alone_and_the_decision_on_the_first_span() {
    let rules = json!([{ "sample_rate": 1 }]).to_string();
    let Some(app) = App::start(&[(RULES, &rules)]).await else { return };
    let root = app.span("root").await;
    let child = app.child("child", root.span_id).await;
    app.finish(child).await;
    app.finish(root).await;
    let spans = app.spans().await;
    let (root, child) = (
        spans.iter().find(|span| span.span_id == root.span_id).unwrap(),
        spans.iter().find(|span| span.span_id == child.span_id).unwrap(),
    );
    assert_decided_by_rule(root, 1.0, true, "root");
    assert_eq!(root.tag("_dd.p.ksr"), Some("1"));
    for key in ["_dd.rule_psr", "_dd.limit_psr", "_sampling_priority_v1"] {
        assert_eq!(child.metric(key), None, "{key}");
    }
    for key in ["_dd.p.dm", "_dd.p.ksr"] {
        assert_eq!(child.tag(key), None, "{key}");
    }
}

#[tokio::test]
async fn a_manual_decision_on_any_span_wins_over_rule_and_limit() {
    let rules = json!([{ "sample_rate": 1 }]).to_string();
    #[rustfmt::skip]
    let table = [
        // tag of the child  limit    priority
        ("manual.drop",      "100",   -1.0),
        ("manual.keep",      "0",     2.0),
    ];
    for (tag, limit, priority) in table {
        let Some(app) = App::start(&[(RULES, &rules), (LIMIT, limit)]).await else { return };
        let root = app.span("root").await;
        let child = app.child("child", root.span_id).await;
        app.set_meta(child, tag, "").await;
        app.finish(child).await;
        app.finish(root).await;
        let spans = app.spans().await;
        let root = spans.iter().find(|span| span.span_id == root.span_id).unwrap();
        assert_eq!(root.metric("_sampling_priority_v1"), Some(priority), "{tag}");
        assert_eq!(root.tag("_dd.p.dm"), Some("-4"), "{tag}");
        for key in ["_dd.rule_psr", "_dd.limit_psr", "_dd.agent_psr"] {
            assert_eq!(root.metric(key), None, "{tag} {key}");
        }
    }
}

#[tokio::test]
async fn the_limit_counts_kept_traces_of_all_rules() {
    let rules = json!([{ "service": "a", "sample_rate": 1 }, { "sample_rate": 1 }]).to_string();
    let Some(app) = App::start(&[(RULES, &rules), (LIMIT, "1")]).await else { return };
    let mut kept = 0;
    for service in ["a", "b"].repeat(15) {
        let root = json!({ "name": "web.request", "service": service });
        let span = app.span_with(root).await;
        app.finish(span).await;
    }
    for span in app.spans().await {
        assert_eq!((span.tag("_dd.p.dm"), span.metric("_dd.rule_psr")), (Some("-3"), Some(1.0)));
        let rate = span.metric("_dd.limit_psr").unwrap();
        let is_kept = span.metric("_sampling_priority_v1") == Some(2.0);
        assert!((0.0..=1.0).contains(&rate) && (is_kept || rate < 1.0), "{rate}");
        kept += u32::from(is_kept);
    }
    // One in a second; a slow machine may need some seconds for them.
    assert!((1..30).contains(&kept), "{kept} of 30 were kept");
}
