//! Trace ids of 128 bits: made where configured, never changed, whole on the wire and in headers.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::harness::{
    App,
    Expect::{Absent, Is, Lacks},
    Row,
};

const GENERATION: &str = "DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED";
/// Without it we decide, and a tag of the trace shows that.
const KEPT: (&str, &str) = ("x-datadog-sampling-priority", "1");

#[tokio::test]
async fn a_new_id_holds_its_seconds_and_32_zero_bits() {
    for env in [&[][..], &[(GENERATION, "true")]] {
        let Some(app) = App::start(env).await else { return };
        let (_, injected) = app.hop(&[]).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let high = injected.datadog_tag("_dd.p.tid").unwrap();
        let seconds = u64::from_str_radix(&high[..8], 16).unwrap();
        assert!((now - 60..=now).contains(&seconds), "{high}");
        assert_eq!(&high[8..], "00000000");
        let sent = app.only_span().await;
        assert_eq!(sent.tag("_dd.p.tid"), Some(high));
        assert_eq!(injected.trace_id(), format!("{high}{:016x}", sent.trace_id));
    }
}

#[tokio::test]
async fn a_new_id_has_64_bits_where_asked_for() {
    for style in ["datadog", "tracecontext", "b3", "b3multi"] {
        let env = [(GENERATION, "false"), ("DD_TRACE_PROPAGATION_STYLE", style)];
        let Some(app) = App::start(&env).await else { return };
        let (_, injected) = app.hop(&[]).await;
        assert_eq!(injected.datadog_tag("_dd.p.tid"), None);
        let sent = app.only_span().await;
        assert_eq!(sent.tag("_dd.p.tid"), None);
        let (name, expected) = match style {
            "datadog" => ("x-datadog-trace-id", sent.trace_id.to_string()),
            "tracecontext" => ("traceparent", format!("00-{:032x}", sent.trace_id)),
            "b3" => ("b3", format!("{:016x}-", sent.trace_id)),
            _ => ("x-b3-traceid", format!("{:016x}", sent.trace_id)),
        };
        assert!(injected.get(name).unwrap().starts_with(&expected), "{style}: {injected:?}");
    }
}

#[tokio::test]
async fn a_received_id_is_never_changed() {
    const WIDE: &str = "640cfd8d00000000abcdefab12345678";
    for generation in ["true", "false"] {
        type Headers<'a> = &'a [(&'a str, &'a str)];
        #[rustfmt::skip]
        let table: [(&str, Headers<'_>, &str); 6] = [
            ("datadog", &[("x-datadog-trace-id", "12379813812177893520"), ("x-datadog-parent-id", "1"), ("x-datadog-tags", "_dd.p.tid=640cfd8d00000000")], "640cfd8d00000000"),
            ("datadog", &[("x-datadog-trace-id", "12379813812177893520"), ("x-datadog-parent-id", "1")], ""),
            ("tracecontext", &[("traceparent", "00-640cfd8d00000000abcdefab12345678-0000000000000001-01")], "640cfd8d00000000"),
            ("tracecontext", &[("traceparent", "00-0000000000000000abcdefab12345678-0000000000000001-01")], ""),
            ("b3", &[("b3", "640cfd8d00000000abcdefab12345678-0000000000000001-1")], "640cfd8d00000000"),
            ("b3multi", &[("x-b3-traceid", WIDE), ("x-b3-spanid", "0000000000000001")], "640cfd8d00000000"),
        ];
        for (style, incoming, high) in table {
            let env = [(GENERATION, generation), ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", style)];
            let Some(app) = App::start(&env).await else { return };
            let (_, injected) = app.hop(incoming).await;
            let expected = Some(high).filter(|high| !high.is_empty());
            assert_eq!(injected.datadog_tag("_dd.p.tid"), expected, "{style}, {generation}");
            let sent = app.only_span().await;
            assert_eq!(sent.tag("_dd.p.tid"), expected, "{style}, {generation}");
            assert_eq!(sent.tag("_dd.propagation_error"), None, "{style}, {generation}");
            let whole = format!("{:0>16}{:016x}", high, sent.trace_id);
            assert_eq!(injected.trace_id(), whole, "{style}, {generation}");
        }
    }
}

#[tokio::test]
async fn a_malformed_high_half_is_dropped_and_reported() {
    for tid in ["640cfd8d0000ffffff", "640cfd8d0000ff", "640cfd8d0000fffg", "0000000000000000"] {
        let Some(app) = App::start(&[]).await else { return };
        let tags = format!("_dd.p.tid={tid},_dd.p.a=1");
        let rows: [Row<'_>; 1] = [(
            "the id stays one of 64 bits, and other tags stay",
            &[
                ("x-datadog-trace-id", "7"),
                ("x-datadog-parent-id", "8"),
                KEPT,
                ("x-datadog-tags", &tags),
            ],
            &[("x-datadog-trace-id", Is("7")), ("x-datadog-tags", Is("_dd.p.a=1"))],
        )];
        app.check(&rows).await;
        let error = format!("malformed_tid {tid}");
        assert_eq!(app.only_span().await.tag("_dd.propagation_error"), Some(error.as_str()));
    }
}

#[tokio::test]
async fn only_the_first_span_of_a_chunk_has_the_high_half() {
    let Some(app) = App::start(&[]).await else { return };
    let root = app.span("root").await;
    let child = app.child("child", root.span_id).await;
    app.finish(child).await;
    app.finish(root).await;
    let spans = app.spans().await;
    assert_eq!(spans.len(), 2);
    for span in spans {
        assert_eq!(span.tag("_dd.p.tid").is_some(), span.span_id == root.span_id);
        assert_eq!(span.trace_id, root.trace_id);
    }
}

#[tokio::test]
async fn the_high_half_of_one_trace_never_gets_into_another() {
    let env = [(GENERATION, "false")];
    let Some(app) = App::start(&env).await else { return };
    #[rustfmt::skip]
    let rows: [Row<'_>; 3] = [
        ("wide", &[("x-datadog-trace-id", "1"), ("x-datadog-parent-id", "1"), KEPT, ("x-datadog-tags", "_dd.p.tid=640cfd8d00000000")],
            &[("x-datadog-tags", Is("_dd.p.tid=640cfd8d00000000"))]),
        ("narrow", &[("x-datadog-trace-id", "2"), ("x-datadog-parent-id", "1"), KEPT], &[("x-datadog-tags", Absent)]),
        ("new", &[], &[("x-datadog-tags", Lacks("tid"))]),
    ];
    app.check(&rows).await;
    for span in app.spans().await {
        assert_eq!(span.tag("_dd.p.tid").is_some(), span.trace_id == 1);
    }
}
