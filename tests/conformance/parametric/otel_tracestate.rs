//! The member `ot` of `tracestate`: the probability of decisions, through the whole server.

use serde_json::json;

use crate::harness::{
    App,
    Expect::{Is, Lacks},
    Row,
};

const SAMPLED: (&str, &str) =
    ("traceparent", "00-0000000000000000000000000000002a-0000000000000007-01");
const RULES: &str = "DD_TRACE_SAMPLING_RULES";

/// The two members before those of other vendors, of a trace that this process decided about.
fn members(tracestate: &str) -> (&str, &str) {
    let (ours, rest) = tracestate.split_once(',').unwrap();
    (ours, rest.split(',').next().unwrap().strip_prefix("ot=").unwrap())
}

#[tokio::test]
async fn the_received_member_is_passed_on_behind_ours() {
    let Some(app) = App::start(&[(RULES, r#"[{"sample_rate": 0.3}]"#)]).await else { return };
    #[rustfmt::skip]
    let rows: [Row<'_>; 5] = [
        ("well-formed", &[SAMPLED, ("tracestate", "foo=1,ot=th:c;rv:0123456789abcd;x:1")],
            &[("tracestate", Is("dd=s:1;p:{hex},ot=rv:0123456789abcd;th:c;x:1,foo=1"))]),
        ("a malformed threshold is removed", &[SAMPLED, ("tracestate", "ot=th:zz;rv:0123456789abcd,foo=1")],
            &[("tracestate", Is("dd=s:1;p:{hex},ot=rv:0123456789abcd,foo=1"))]),
        ("a malformed randomness is removed", &[SAMPLED, ("tracestate", "ot=th:c;rv:1,foo=1")],
            &[("tracestate", Is("dd=s:1;p:{hex},ot=th:c,foo=1"))]),
        ("nothing is left", &[SAMPLED, ("tracestate", "ot=th:;rv:,foo=1")], &[("tracestate", Is("dd=s:1;p:{hex},foo=1"))]),
        ("a received decision is not explained", &[SAMPLED], &[("tracestate", Lacks("ot="))]),
    ];
    app.check(&rows).await;
}

#[tokio::test]
async fn a_rule_is_explained_by_randomness_and_threshold() {
    #[rustfmt::skip]
    let table = [
        // rules                        threshold
        (r#"[{"sample_rate": 1}]"#,     Some("0")),
        (r#"[{"sample_rate": 0.5}]"#,   Some("8")),
        (r#"[{"sample_rate": 0.3}]"#,   Some("b333333333333")),
        (r#"[{"sample_rate": 0}]"#,     None),
    ];
    for (rules, threshold) in table {
        let Some(app) = App::start(&[(RULES, rules)]).await else { return };
        for _ in 0..10 {
            let (span, injected) = app.hop(&[]).await;
            let tracestate = injected.get("tracestate").unwrap();
            let Some(threshold) = threshold else {
                assert!(!tracestate.contains("ot="), "{tracestate}");
                continue;
            };
            let (ours, value) = members(tracestate);
            let hash = span.trace_id.wrapping_mul(1_111_111_111_111_111_111);
            let randomness = format!("{:014x}", !hash >> 8);
            assert_eq!(value, format!("rv:{randomness};th:{threshold}"), "{rules}");
            let is_kept = randomness >= format!("{threshold:0<14}");
            assert_eq!(ours.starts_with("dd=s:2;"), is_kept, "{tracestate}");
        }
        assert_eq!(app.spans().await.len(), 10);
    }
}

#[tokio::test]
async fn a_manual_decision_removes_the_threshold() {
    let Some(app) = App::start(&[]).await else { return };
    let received = [SAMPLED, ("tracestate", "foo=1,ot=th:c;rv:0123456789abcd")];
    let parent = app.extract(&received).await;
    let span = app.span_with(json!({ "name": "kept", "parent_id": parent })).await;
    app.post("/trace/span/manual_keep", json!({ "span_id": span.span_id })).await;
    let tracestate = app.inject(span).await.get("tracestate").unwrap().to_owned();
    assert!(tracestate.ends_with(",ot=rv:0123456789abcd,foo=1"), "{tracestate}");
    app.finish(span).await;
    app.flush().await;
}
