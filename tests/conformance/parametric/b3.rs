//! Styles `b3` and `b3multi`: [B3 propagation](https://github.com/openzipkin/b3-propagation) in one header and in several.

use crate::harness::{
    App,
    Expect::{self, Absent, Is, Lacks},
    Row,
};

const TRACE: &str = "12345678901234567890123456789012";
const PARENT: &str = "00f067aa0ba902b7";

#[tokio::test]
async fn a_b3_header_is_read_and_written() {
    for style in ["b3", "B3", "b3 single header", "B3 single header"] {
        let Some(app) = App::start(&[("DD_TRACE_PROPAGATION_STYLE", style)]).await else { return };
        const NEW: (&str, Expect<'_>) = ("b3", Lacks("1234567890123456789"));
        #[rustfmt::skip]
        let rows: [Row<'_>; 14] = [
            ("sampled", &[("b3", "12345678901234567890123456789012-00f067aa0ba902b7-1")],
                &[("b3", Is("12345678901234567890123456789012-{hex}-1")), ("x-b3-traceid", Absent), ("x-datadog-trace-id", Absent)]),
            ("not sampled", &[("b3", "12345678901234567890123456789012-00f067aa0ba902b7-0")],
                &[("b3", Is("12345678901234567890123456789012-{hex}-0"))]),
            ("debug", &[("b3", "12345678901234567890123456789012-00f067aa0ba902b7-d")],
                &[("b3", Is("12345678901234567890123456789012-{hex}-d"))]),
            ("without a decision we decide", &[("b3", "12345678901234567890123456789012-00f067aa0ba902b7")],
                &[("b3", Is("12345678901234567890123456789012-{hex}-1"))]),
            ("the parent of the parent is ignored", &[("b3", "12345678901234567890123456789012-00f067aa0ba902b7-1-0000000000000001")],
                &[("b3", Is("12345678901234567890123456789012-{hex}-1"))]),
            ("a short id is written with 16 digits", &[("b3", "1f-2-1")], &[("b3", Is("000000000000001f-{hex}-1"))]),
            ("upper case is read", &[("b3", "1F-A-1")], &[("b3", Is("000000000000001f-{hex}-1"))]),
            ("a zero parent is none, and the trace goes on", &[("b3", "1f-0-1")], &[("b3", Is("000000000000001f-{hex}-1"))]),
            ("a zero trace id is none", &[("b3", "0-1-1")], &[("b3", Lacks("0000000000000000-"))]),
            ("a trace id has 32 digits at most", &[("b3", "123456789012345678901234567890123-1-1")], &[NEW]),
            ("a parent has 16 digits at most", &[("b3", "12345678901234567890-12345678901234567-1")], &[NEW]),
            ("ids are hex", &[("b3", "1234567890123456789g-1-1")], &[NEW]),
            ("a decision alone is that of the new trace", &[("b3", "0")], &[("b3", Lacks("-1-"))]),
            ("other styles are not read", &[("x-b3-traceid", TRACE), ("x-b3-spanid", PARENT)], &[NEW]),
        ];
        app.check(&rows).await;
    }
}

#[tokio::test]
async fn a_sampling_decision_alone_is_that_of_the_new_trace() {
    let Some(app) = App::start(&[("DD_TRACE_PROPAGATION_STYLE", "b3")]).await else { return };
    for decision in ["0", "1", "d"] {
        let (span, injected) = app.hop(&[("b3", decision)]).await;
        let b3 = injected.get("b3").unwrap();
        assert!(b3.ends_with(&format!("-{:016x}-{decision}", span.span_id)), "{decision}: {b3}");
    }
}

#[tokio::test]
async fn b3_headers_are_read_and_written() {
    for style in ["b3multi", "B3MULTI"] {
        let Some(app) = App::start(&[("DD_TRACE_PROPAGATION_STYLE", style)]).await else { return };
        const ID: (&str, &str) = ("x-b3-traceid", TRACE);
        const SPAN: (&str, &str) = ("x-b3-spanid", PARENT);
        const CONTINUED: (&str, Expect<'_>) = ("x-b3-traceid", Is(TRACE));
        const NEW: (&str, Expect<'_>) = ("x-b3-traceid", Lacks("1234567890123456789"));
        #[rustfmt::skip]
        let rows: [Row<'_>; 11] = [
            ("sampled", &[ID, SPAN, ("x-b3-sampled", "1")],
                &[CONTINUED, ("x-b3-spanid", Is("{hex}")), ("x-b3-sampled", Is("1")), ("x-b3-flags", Absent), ("b3", Absent)]),
            ("not sampled", &[ID, SPAN, ("x-b3-sampled", "0")], &[CONTINUED, ("x-b3-sampled", Is("0"))]),
            ("debug is kept by hand, and wins", &[ID, SPAN, ("x-b3-sampled", "0"), ("x-b3-flags", "1")],
                &[CONTINUED, ("x-b3-flags", Is("1")), ("x-b3-sampled", Absent)]),
            ("without a decision we decide", &[ID, SPAN], &[CONTINUED, ("x-b3-sampled", Is("1"))]),
            ("names are read in any case", &[("X-B3-TraceId", TRACE), ("X-B3-SpanId", PARENT)], &[CONTINUED]),
            ("a short id is written with 16 digits", &[("x-b3-traceid", "1F"), SPAN], &[("x-b3-traceid", Is("000000000000001f"))]),
            ("without a parent the trace goes on", &[ID], &[CONTINUED]),
            ("without a trace there is nothing", &[SPAN, ("x-b3-sampled", "0")], &[("x-b3-sampled", Is("1"))]),
            ("a trace id has 32 digits at most", &[("x-b3-traceid", "123456789012345678901234567890123"), SPAN], &[NEW]),
            ("a malformed parent makes no context", &[ID, ("x-b3-spanid", "xyz")], &[NEW]),
            ("a zero trace id is none", &[("x-b3-traceid", "0"), SPAN], &[("x-b3-traceid", Lacks("0000000000000000000"))]),
        ];
        app.check(&rows).await;
    }
}

#[tokio::test]
async fn b3_is_read_in_one_style_and_written_in_the_other() {
    let env = [
        ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "b3"),
        ("DD_TRACE_PROPAGATION_STYLE_INJECT", "b3multi,datadog"),
    ];
    let Some(app) = App::start(&env).await else { return };
    let rows: [Row<'_>; 1] = [(
        "ids, priority and the high half of the id",
        &[("b3", "12345678901234567890123456789012-00f067aa0ba902b7-d")],
        &[
            ("x-b3-traceid", Is(TRACE)),
            ("x-b3-flags", Is("1")),
            ("x-datadog-sampling-priority", Is("2")),
            ("x-datadog-tags", Is("_dd.p.tid=1234567890123456")),
            ("b3", Absent),
        ],
    )];
    app.check(&rows).await;
    let sent = app.only_span().await;
    assert_eq!(format!("{:016x}", sent.parent_id), PARENT);
    assert_eq!(sent.tag("_dd.p.tid"), Some("1234567890123456"));
}
