//! Style `datadog`: `x-datadog-*`, as [Datadog's tracers](https://docs.datadoghq.com/tracing/trace_collection/trace_context_propagation/) speak it by default.

use crate::harness::{
    App,
    Expect::{Absent, Is, Lacks},
    Row,
};

const TRACE: &str = "123456789";
const PARENT: &str = "987654321";

#[tokio::test]
async fn a_trace_is_continued_with_all_that_belongs_to_it() {
    let Some(app) = App::start(&[]).await else { return };
    let incoming = [
        ("x-datadog-trace-id", TRACE),
        ("x-datadog-parent-id", PARENT),
        ("x-datadog-sampling-priority", "2"),
        ("x-datadog-origin", "synthetics;=web,z"),
        ("x-datadog-tags", "_dd.p.dm=-4,_dd.p.usr.id=eA=="),
    ];
    let (span, injected) = app.hop(&incoming).await;
    assert_eq!(injected.get("x-datadog-trace-id"), Some(TRACE));
    assert_eq!(injected.get("x-datadog-parent-id"), Some(span.span_id.to_string().as_str()));
    assert_eq!(injected.get("x-datadog-sampling-priority"), Some("2"));
    assert_eq!(injected.get("x-datadog-origin"), Some("synthetics;=web,z"));
    assert_eq!(injected.get("x-datadog-tags"), Some("_dd.p.dm=-4,_dd.p.usr.id=eA=="));

    let sent = app.only_span().await;
    assert_eq!((sent.trace_id, sent.parent_id), (123_456_789, 987_654_321));
    assert_eq!(sent.span_id, span.span_id);
    assert_eq!(sent.metric("_sampling_priority_v1"), Some(2.0));
    assert_eq!(sent.tag("_dd.origin"), Some("synthetics;=web,z"));
    assert_eq!(sent.tag("_dd.p.dm"), Some("-4"));
    assert_eq!(sent.tag("_dd.p.usr.id"), Some("eA=="));
}

#[tokio::test]
async fn a_zero_trace_id_starts_a_new_trace_and_nothing_beside_it_counts() {
    let Some(app) = App::start(&[]).await else { return };
    let incoming = [
        ("x-datadog-trace-id", "0"),
        ("x-datadog-parent-id", "0"),
        ("x-datadog-sampling-priority", "2"),
        ("x-datadog-origin", "synthetics"),
        ("x-datadog-tags", "_dd.p.dm=-4"),
    ];
    let (_, injected) = app.hop(&incoming).await;
    assert_ne!(injected.get("x-datadog-trace-id"), Some("0"));
    assert_eq!(injected.get("x-datadog-sampling-priority"), Some("1"));
    assert_eq!(injected.get("x-datadog-origin"), None);
    assert_eq!(injected.datadog_tag("_dd.p.dm"), Some("-0"));

    let sent = app.only_span().await;
    assert_ne!(sent.trace_id, 0);
    assert_eq!(sent.parent_id, 0);
    assert_eq!(sent.tag("_dd.origin"), None);
    assert_eq!(sent.metric("_sampling_priority_v1"), Some(1.0));
}

#[tokio::test]
async fn a_new_trace_is_injected_with_its_decision() {
    let Some(app) = App::start(&[]).await else { return };
    let span = app.span("new").await;
    let injected = app.inject(span).await;
    app.finish(span).await;
    assert_eq!(injected.get("x-datadog-trace-id"), Some(span.trace_id.to_string().as_str()));
    assert_eq!(injected.get("x-datadog-parent-id"), Some(span.span_id.to_string().as_str()));
    assert_eq!(injected.get("x-datadog-sampling-priority"), Some("1"));
    assert_eq!(injected.datadog_tag("_dd.p.dm"), Some("-0"));

    let sent = app.only_span().await;
    assert_eq!((sent.trace_id, sent.span_id), (span.trace_id, span.span_id));
    assert_eq!(injected.datadog_tag("_dd.p.tid"), sent.tag("_dd.p.tid"));
}

#[tokio::test]
async fn headers_are_read_by_their_grammar() {
    let env = [("DD_TRACE_PROPAGATION_STYLE", "datadog")];
    let Some(app) = App::start(&env).await else { return };
    let id = ("x-datadog-trace-id", TRACE);
    let parent = ("x-datadog-parent-id", PARENT);
    let kept = ("x-datadog-sampling-priority", "1"); // Without it, we decide, and a tag shows that.
    #[rustfmt::skip]
    let rows: [Row<'_>; 17] = [
        ("without a parent the trace goes on",
            &[id], &[(id.0, Is(TRACE))]),
        ("a zero parent is none, and the trace goes on",
            &[id, ("x-datadog-parent-id", "0"), ("x-datadog-origin", "synthetics-browser")],
            &[(id.0, Is(TRACE)), ("x-datadog-origin", Is("synthetics-browser"))]),
        ("a parent that is not a number makes no context",
            &[id, ("x-datadog-parent-id", "x1")], &[(id.0, Lacks(TRACE))]),
        ("a priority that is not a number makes no context",
            &[id, parent, ("x-datadog-sampling-priority", "high")], &[(id.0, Lacks(TRACE))]),
        ("a trace id is at most 2^64-1",
            &[("x-datadog-trace-id", "18446744073709551616"), parent], &[(id.0, Lacks("18446744073709551616"))]),
        ("2^64-1 is a trace id",
            &[("x-datadog-trace-id", "18446744073709551615"), parent], &[(id.0, Is("18446744073709551615"))]),
        ("a trace id is not negative",
            &[("x-datadog-trace-id", "-1"), parent], &[(id.0, Lacks("-"))]),
        ("a trace id has no plus",
            &[("x-datadog-trace-id", "+123456789"), parent], &[(id.0, Lacks(TRACE))]),
        ("an unknown priority passes through",
            &[id, parent, ("x-datadog-sampling-priority", "-2")], &[("x-datadog-sampling-priority", Is("-2"))]),
        ("names are read in any case, and spaces around values do not count",
            &[("X-DATADOG-TRACE-ID", " 123456789\t"), ("X-Datadog-Parent-Id", PARENT)],
            &[(id.0, Is(TRACE)), (parent.0, Is("{decimal}"))]),
        ("of repeated lines the first counts",
            &[id, ("x-datadog-trace-id", "5"), parent], &[(id.0, Is(TRACE))]),
        ("tags of an unknown name are forwarded in their order",
            &[id, parent, kept, ("x-datadog-tags", "_dd.p.z=1,_dd.p.a=2,_dd.p.dm=-1")],
            &[("x-datadog-tags", Is("_dd.p.z=1,_dd.p.a=2,_dd.p.dm=-1"))]),
        ("tags that are not of the trace are not forwarded",
            &[id, parent, kept, ("x-datadog-tags", "other=1,_dd.p.a=2,_dd.p.upstream_services=x")],
            &[("x-datadog-tags", Is("_dd.p.a=2"))]),
        ("one malformed tag drops all of them, and the trace goes on",
            &[id, parent, kept, ("x-datadog-tags", "_dd.p.a=2,broken")], &[(id.0, Is(TRACE)), ("x-datadog-tags", Absent)]),
        ("a space after a comma is malformed",
            &[id, parent, kept, ("x-datadog-tags", "_dd.p.a=2, _dd.p.b=3")], &[("x-datadog-tags", Absent)]),
        ("an unusable decision maker goes alone",
            &[id, parent, kept, ("x-datadog-tags", "_dd.p.a=2,_dd.p.dm=x")], &[("x-datadog-tags", Is("_dd.p.a=2"))]),
        ("an origin that is not ASCII is none",
            &[id, parent, kept, ("x-datadog-origin", "rüm")], &[("x-datadog-origin", Absent)]),
    ];
    app.check(&rows).await;
}

#[tokio::test]
async fn the_local_root_reports_malformed_tags() {
    let long = format!("_dd.p.a={}", "x".repeat(505));
    #[rustfmt::skip]
    let table = [
        // tags                                           error
        (long.as_str(),                                   "extract_max_size"),
        ("_dd.p.a=1,broken",                              "decoding_error"),
        ("_dd.p.dm=4",                                    "decoding_error"),
        ("_dd.p.tid=1234567890abcde",                     "malformed_tid 1234567890abcde"),
        ("_dd.p.tid=1234567890ABCDEF",                    "malformed_tid 1234567890ABCDEF"),
    ];
    let Some(app) = App::start(&[]).await else { return };
    let mut expected = Vec::new();
    for (tags, error) in table {
        let id = (expected.len() + 1).to_string();
        let incoming = [
            ("x-datadog-trace-id", id.as_str()),
            ("x-datadog-parent-id", "5"),
            ("x-datadog-tags", tags),
        ];
        let (span, _) = app.hop(&incoming).await;
        expected.push((span.span_id, error));
    }
    let spans = app.spans().await;
    for (id, error) in expected {
        let span = spans.iter().find(|span| span.span_id == id).unwrap();
        assert_eq!(span.tag("_dd.propagation_error"), Some(error));
    }
}

#[tokio::test]
async fn tags_that_do_not_fit_are_left_out_whole() {
    let env = [("DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH", "20")];
    let Some(app) = App::start(&env).await else { return };
    let (_, injected) = app.hop(&[]).await;
    assert_eq!(injected.get("x-datadog-tags"), None);
    assert_eq!(app.only_span().await.tag("_dd.propagation_error"), Some("inject_max_size"));
}
