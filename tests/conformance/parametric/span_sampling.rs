//! `DD_SPAN_SAMPLING_RULES`: spans that are kept although their trace is dropped.

use std::{env, fs};

use packdog_tests::peers::Span;
use serde_json::json;

use crate::harness::App;

const RULES: &str = "DD_SPAN_SAMPLING_RULES";
const FILE: &str = "DD_SPAN_SAMPLING_RULES_FILE";
const DROP: (&str, &str) = ("DD_TRACE_SAMPLE_RATE", "0");

/// The numbers of single-span sampling on a span: mechanism, rate, limit.
fn kept_by(span: &Span) -> Option<(f64, f64, Option<f64>)> {
    let number = |key: &str| span.metric(&format!("_dd.span_sampling.{key}"));
    Some((number("mechanism")?, number("rule_rate")?, number("max_per_second")))
}

#[tokio::test]
async fn the_first_matching_rule_decides_alone() {
    #[rustfmt::skip]
    let table = [
        // rules                                                                                    kept by
        (json!([{"service": "webserver", "name": "web.request"}]),                                   Some((8.0, 1.0, None))),
        (json!([{"service": "web*", "name": "WEB.*", "max_per_second": 50}]),                        Some((8.0, 1.0, Some(50.0)))),
        (json!([{"service": "w?bs?rv?r"}]),                                                          Some((8.0, 1.0, None))),
        (json!([{"name": "other"}]),                                                                 None),
        (json!([{"service": "other", "name": "web.request"}]),                                       None),
        (json!([{"service": "webserver", "sample_rate": 0}, {"service": "webserver"}]),              None),
        (json!([{"name": "other"}, {"service": "webserver", "sample_rate": 1.0}]),                   Some((8.0, 1.0, None))),
        (json!([{"service": "webserver", "max_per_second": 0}, {"service": "webserver"}]),           None),
        (json!([{"sample_rate": 1}, {"name": 5}, {"name": "*", "sample_rate": 7}]),                  None),
        (json!([{"sample_rate": 1}, {"name": "*"}]),                                                 Some((8.0, 1.0, None))),
    ];
    for (rules, expected) in table {
        let rules = rules.to_string();
        let Some(app) = App::start(&[DROP, (RULES, &rules)]).await else { return };
        let root = json!({ "name": "web.request", "service": "webserver" });
        let root = app.span_with(root).await;
        app.finish(root).await;
        let span = app.only_span().await;
        assert_eq!(kept_by(&span), expected, "{rules}");
        // The decision about the trace stays.
        assert_eq!(span.metric("_sampling_priority_v1"), Some(-1.0), "{rules}");
        assert_eq!(span.tag("_dd.p.dm"), Some("-3"), "{rules}");
    }
}

#[tokio::test]
async fn each_span_of_a_trace_is_decided_for_itself() {
    let rules = json!([{ "name": "kept" }]).to_string();
    let Some(app) = App::start(&[DROP, (RULES, &rules)]).await else { return };
    let root = app.span("root").await;
    for name in ["kept", "other", "kept"] {
        let child = app.child(name, root.span_id).await;
        app.finish(child).await;
    }
    app.finish(root).await;
    let spans = app.spans().await;
    assert_eq!(spans.len(), 4);
    for span in spans {
        let expected = (span.name == "kept").then_some((8.0, 1.0, None));
        assert_eq!(kept_by(&span), expected, "{span:#?}");
    }
}

#[tokio::test]
async fn a_kept_trace_has_no_marks_whatever_kept_it() {
    let rules = json!([{ "name": "*" }]).to_string();
    #[rustfmt::skip]
    let table = [
        // variable                             by hand  received
        (("DD_TRACE_SAMPLE_RATE", "1"),         false,   None),
        (("DD_TRACE_SAMPLE_RATE", "0"),         true,    None),
        (("DD_TRACE_SAMPLE_RATE", "0"),         false,   Some("1")),
        (("DD_TRACE_SAMPLE_RATE", "0"),         false,   Some("2")),
    ];
    for (variable, by_hand, received) in table {
        let Some(app) = App::start(&[variable, (RULES, &rules)]).await else { return };
        let mut parent = None;
        if let Some(priority) = received {
            let headers = [
                ("x-datadog-trace-id", "7"),
                ("x-datadog-parent-id", "8"),
                ("x-datadog-sampling-priority", priority),
            ];
            parent = app.extract(&headers).await;
        }
        let root = app.span_with(json!({ "name": "root", "parent_id": parent })).await;
        if by_hand {
            app.post("/trace/span/manual_keep", json!({ "span_id": root.span_id })).await;
        }
        app.finish(root).await;
        assert_eq!(kept_by(&app.only_span().await), None, "{variable:?} {by_hand} {received:?}");
    }
}

#[tokio::test]
async fn a_trace_that_was_dropped_upstream_or_by_hand_can_have_kept_spans() {
    let rules = json!([{ "name": "*" }]).to_string();
    let Some(app) = App::start(&[(RULES, &rules)]).await else { return };
    for priority in ["0", "-1"] {
        let headers = [
            ("x-datadog-trace-id", "7"),
            ("x-datadog-parent-id", "8"),
            ("x-datadog-sampling-priority", priority),
        ];
        let (span, _) = app.hop(&headers).await;
        let spans = app.spans().await;
        let span = spans.iter().find(|sent| sent.span_id == span.span_id).unwrap();
        assert_eq!(kept_by(span), Some((8.0, 1.0, None)), "{priority}");
        let priority = priority.parse().ok();
        assert_eq!(span.metric("_sampling_priority_v1"), priority);
    }
    let root = app.span("root").await;
    app.post("/trace/span/manual_drop", json!({ "span_id": root.span_id })).await;
    app.finish(root).await;
    let spans = app.spans().await;
    let root = spans.iter().find(|sent| sent.span_id == root.span_id).unwrap();
    assert_eq!(kept_by(root), Some((8.0, 1.0, None)));
}

#[tokio::test]
async fn each_rule_has_a_limit_of_its_own_for_all_traces() {
    let rules = json!([
        { "name": "limited", "max_per_second": 1 },
        { "name": "other", "max_per_second": 1000 },
    ]);
    let Some(app) = App::start(&[DROP, (RULES, &rules.to_string())]).await else { return };
    for name in ["limited", "other"].repeat(15) {
        let root = app.span(name).await;
        app.finish(root).await;
    }
    let spans = app.spans().await;
    let kept = |name: &str| {
        let marks = spans.iter().filter(|span| span.name == name).filter_map(kept_by);
        marks.map(|(_, _, limit)| limit.unwrap()).collect::<Vec<_>>()
    };
    // One in a second; a slow machine may need some seconds for them.
    let limited = kept("limited");
    assert!((1..15).contains(&limited.len()) && limited.iter().all(|limit| *limit == 1.0));
    assert_eq!(kept("other"), [1000.0; 15]);
}

#[tokio::test]
async fn the_rate_keeps_spans_by_their_own_ids() {
    let rules = json!([{ "name": "child", "sample_rate": 0.5 }]).to_string();
    let Some(app) = App::start(&[DROP, (RULES, &rules)]).await else { return };
    let root = app.span("root").await;
    for _ in 0..100 {
        let child = app.child("child", root.span_id).await;
        app.finish(child).await;
    }
    app.finish(root).await;
    let spans = app.spans().await;
    for span in spans.iter().filter(|span| span.name == "child") {
        let hash = span.span_id.wrapping_mul(1_111_111_111_111_111_111);
        let is_kept = hash <= u64::MAX / 2;
        assert_eq!(kept_by(span), is_kept.then_some((8.0, 0.5, None)), "{}", span.span_id);
    }
}

#[tokio::test]
async fn rules_can_stand_in_a_file_which_the_variable_overrules() {
    let path = env::temp_dir().join(format!("packdog-span-rules-{}.json", std::process::id()));
    fs::write(&path, json!([{ "name": "root", "sample_rate": 0.75 }]).to_string()).unwrap();
    let file = path.to_str().unwrap();
    let by_variable = json!([{ "name": "root", "sample_rate": 1 }]).to_string();
    type Row<'a> = (&'a [(&'a str, &'a str)], &'a [f64], usize);
    #[rustfmt::skip]
    let table: [Row<'_>; 3] = [
        // environment                          rates        warnings
        (&[(FILE, file)],                       &[0.75],     0),
        (&[(FILE, file), (RULES, &by_variable)], &[1.0],     1),
        (&[(FILE, "/nowhere.json")],            &[],         1),
    ];
    for (environment, rates, warnings) in table {
        let Some(app) = App::start(&[&[DROP], environment].concat()).await else { return };
        // At a rate of 0.75, some span among fifty is kept.
        for _ in 0..50 {
            let root = app.span("root").await;
            app.finish(root).await;
        }
        let mut seen: Vec<_> =
            app.spans().await.iter().filter_map(kept_by).map(|(_, rate, _)| rate).collect();
        seen.dedup();
        assert_eq!(seen, rates, "{environment:?}");
        assert_eq!(app.end().matches(FILE).count(), warnings, "{environment:?}");
    }
    fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_list_that_cannot_be_read_keeps_no_spans_and_warns() {
    for rules in ["[{", "7", "{}"] {
        let Some(app) = App::start(&[DROP, (RULES, rules)]).await else { return };
        let root = app.span("root").await;
        app.finish(root).await;
        assert_eq!(kept_by(&app.only_span().await), None, "{rules}");
        let output = app.end();
        assert_eq!(output.matches(RULES).count(), 1, "{output}");
    }
}

#[tokio::test]
async fn a_later_service_counts() {
    let rules = json!([{ "service": "late" }]).to_string();
    let Some(app) = App::start(&[DROP, (RULES, &rules)]).await else { return };
    let root = app.span_with(json!({ "name": "root", "service": "early" })).await;
    app.set_meta(root, "service.name", "late").await;
    app.finish(root).await;
    assert_eq!(kept_by(&app.only_span().await), Some((8.0, 1.0, None)));
}
