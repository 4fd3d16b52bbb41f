//! The styles that are read and written: lists, their order, `none`, and styles that disagree.

use crate::harness::{
    App, Env,
    Expect::{self, Absent, Is, Lacks},
    Row,
};

const TRACEPARENT: (&str, &str) =
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01");
const TRACESTATE: (&str, &str) = ("tracestate", "foo=1");
const ID: (&str, &str) = ("x-datadog-trace-id", "123456789");
const PARENT: (&str, &str) = ("x-datadog-parent-id", "987654321");
const PRIORITY: (&str, &str) = ("x-datadog-sampling-priority", "-2");
/// One request in which two styles name different traces.
const BOTH: [(&str, &str); 5] = [TRACEPARENT, TRACESTATE, ID, PARENT, PRIORITY];

#[tokio::test]
async fn none_reads_and_writes_nothing() {
    let Some(app) = App::start(&[("DD_TRACE_PROPAGATION_STYLE", "None")]).await else { return };
    assert_eq!(app.extract(&BOTH).await, None);
    let (_, injected) = app.hop(&BOTH).await;
    assert!(injected.is_empty(), "{injected:?}");
    let sent = app.only_span().await;
    assert_ne!(sent.trace_id, 123_456_789);
    assert_eq!(sent.parent_id, 0);
}

#[tokio::test]
async fn none_of_one_direction_leaves_the_other() {
    let read_nothing = [
        ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "none"),
        ("DD_TRACE_PROPAGATION_STYLE_INJECT", "datadog"),
    ];
    let Some(app) = App::start(&read_nothing).await else { return };
    let rows: [Row<'_>; 1] = [(
        "nothing is read, and written all the same",
        &BOTH,
        &[(ID.0, Lacks("123456789")), ("traceparent", Absent)],
    )];
    app.check(&rows).await;

    let write_nothing = [
        ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "datadog"),
        ("DD_TRACE_PROPAGATION_STYLE_INJECT", "none"),
    ];
    let Some(app) = App::start(&write_nothing).await else { return };
    let (_, injected) = app.hop(&BOTH).await;
    assert!(injected.is_empty(), "{injected:?}");
    assert_eq!(app.only_span().await.trace_id, 123_456_789);
}

#[tokio::test]
async fn none_beside_another_style_is_ignored() {
    let Some(app) = App::start(&[("DD_TRACE_PROPAGATION_STYLE", "none,Datadog")]).await else {
        return;
    };
    let rows: [Row<'_>; 1] =
        [("the other style counts", &BOTH, &[(ID.0, Is("123456789")), ("traceparent", Absent)])];
    app.check(&rows).await;
}

#[tokio::test]
async fn the_first_style_that_has_a_trace_decides() {
    const W3C: (&str, Expect<'_>) =
        ("traceparent", Is("00-12345678901234567890123456789012-{hex}-01"));
    const DATADOG: (&str, Expect<'_>) = (ID.0, Is("123456789"));
    type Expected<'a> = &'a [(&'a str, Expect<'a>)];
    #[rustfmt::skip]
    let table: [(&str, Env<'_>, Expected<'_>); 11] = [
        ("by default datadog comes first, and both are written", &[],
            &[DATADOG, PRIORITY_KEPT, ("traceparent", Is("00-000000000000000000000000075bcd15-{hex}-00"))]),
        ("datadog alone", &[("DD_TRACE_PROPAGATION_STYLE", "datadog")], &[DATADOG, ("traceparent", Absent)]),
        ("tracecontext alone", &[("DD_TRACE_PROPAGATION_STYLE", "tracecontext")],
            &[W3C, ("tracestate", Is("dd=s:1;p:{hex},foo=1")), (ID.0, Absent)]),
        ("datadog before tracecontext", &[("DD_TRACE_PROPAGATION_STYLE", "Datadog,tracecontext")],
            &[DATADOG, ("tracestate", Is("dd=s:-2;p:{hex}"))]),
        ("tracecontext before datadog", &[("DD_TRACE_PROPAGATION_STYLE", "tracecontext,Datadog")],
            &[W3C, (ID.0, Is("8687463697196027922")), ("tracestate", Is("dd=s:1;p:{hex},foo=1"))]),
        ("the list of a direction wins over the common one",
            &[("DD_TRACE_PROPAGATION_STYLE", "datadog"), ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "tracecontext")],
            &[(ID.0, Is("8687463697196027922")), ("traceparent", Absent)]),
        ("so does that of the other direction",
            &[("DD_TRACE_PROPAGATION_STYLE", "datadog"), ("DD_TRACE_PROPAGATION_STYLE_INJECT", "tracecontext")],
            &[("traceparent", Is("00-000000000000000000000000075bcd15-{hex}-00")), (ID.0, Absent)]),
        ("spaces, empty names, repeats and unknown names do not count",
            &[("DD_TRACE_PROPAGATION_STYLE", " tracecontext ,,jaeger, tracecontext")], &[W3C, (ID.0, Absent)]),
        ("a list without a usable name is as if unset", &[("DD_TRACE_PROPAGATION_STYLE", "jaeger")],
            &[DATADOG, PRIORITY_KEPT]),
        ("OpenTelemetry's list counts where there is no other", &[("OTEL_PROPAGATORS", "tracecontext")],
            &[W3C, (ID.0, Absent)]),
        ("and not where there is", &[("OTEL_PROPAGATORS", "tracecontext"), ("DD_TRACE_PROPAGATION_STYLE", "datadog")],
            &[DATADOG, ("traceparent", Absent)]),
    ];
    const PRIORITY_KEPT: (&str, Expect<'_>) = (PRIORITY.0, Is("-2"));
    for (rule, env, expected) in table {
        let Some(app) = App::start(env).await else { return };
        app.check(&[(rule, &BOTH, expected)]).await;
    }
}

#[tokio::test]
async fn a_style_without_a_usable_trace_leaves_it_to_the_next() {
    for first in ["false", "true"] {
        let env = [
            ("DD_TRACE_PROPAGATION_STYLE", "datadog,tracecontext"),
            ("DD_TRACE_PROPAGATION_EXTRACT_FIRST", first),
        ];
        let Some(app) = App::start(&env).await else { return };
        let rows: [Row<'_>; 2] = [
            (
                "nothing of datadog",
                &[TRACEPARENT],
                &[("x-datadog-trace-id", Is("8687463697196027922"))],
            ),
            (
                "a zero id of datadog",
                &[("x-datadog-trace-id", "0"), PARENT, PRIORITY, TRACEPARENT],
                &[("x-datadog-trace-id", Is("8687463697196027922")), (PRIORITY.0, Is("1"))],
            ),
        ];
        app.check(&rows).await;
    }
}

#[tokio::test]
async fn members_of_other_vendors_are_taken_over_only_within_one_trace() {
    let same = |trace: &str| {
        vec![
            ("traceparent", format!("00-1111111111111111{trace}-000000003ade68b1-01")),
            ("tracestate", "dd=s:2;t.tid:1111111111111111,foo=1".to_owned()),
            ("x-datadog-trace-id", "1".to_owned()),
            ("x-datadog-parent-id", "987654321".to_owned()),
            ("x-datadog-sampling-priority", "2".to_owned()),
            ("x-datadog-tags", "_dd.p.tid=1111111111111111".to_owned()),
        ]
    };
    #[rustfmt::skip]
    let table = [
        // rule                                                 styles                          first     trace               tracestate
        ("the same trace: taken over",                          "datadog,b3multi,tracecontext", "false", "0000000000000001", "dd=s:2;p:{hex},foo=1"),
        ("another trace: not taken over",                       "datadog,b3multi,tracecontext", "false", "0000000000000002", "dd=s:2;p:{hex}"),
        ("where the first one stops the search: not",           "datadog,b3multi,tracecontext", "true",  "0000000000000001", "dd=s:2;p:{hex}"),
        ("tracecontext first: its own",                         "tracecontext,datadog,b3multi", "false", "0000000000000001", "dd=s:2;p:{hex},foo=1"),
        ("tracecontext first, and another trace: its own",      "tracecontext,datadog,b3multi", "false", "0000000000000002", "dd=s:2;p:{hex},foo=1"),
    ];
    for (rule, styles, first, trace, tracestate) in table {
        let env = [
            ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", styles),
            ("DD_TRACE_PROPAGATION_EXTRACT_FIRST", first),
        ];
        let Some(app) = App::start(&env).await else { return };
        let incoming = same(trace);
        let incoming: Vec<_> =
            incoming.iter().map(|(name, value)| (*name, value.as_str())).collect();
        app.check(&[(rule, &incoming, &[("tracestate", Is(tracestate))])]).await;
    }
}

#[tokio::test]
async fn a_style_that_names_another_trace_becomes_a_link() {
    let Some(app) = App::start(&[]).await else { return };
    app.hop(&BOTH).await;
    let span = app.only_span().await;
    let [link] = span.span_links.as_slice() else { panic!("{span:#?}") };
    assert_eq!((span.trace_id, span.parent_id), (123_456_789, 987_654_321));
    assert_eq!(format!("{:016x}{:016x}", link.trace_id_high, link.trace_id), TRACEPARENT.1[3..35]);
    assert_eq!(format!("{:016x}", link.span_id), "1234567890123456");
    assert_eq!(link.tracestate, "foo=1");
    assert_eq!(link.flags, 1 << 31 | 1);
    assert_eq!(link.attributes["reason"], "terminated_context");
    assert_eq!(link.attributes["context_headers"], "tracecontext");
    assert_eq!(link.attributes.len(), 2);
}

#[tokio::test]
async fn equal_low_halves_are_different_traces_and_one_style_is_one_link() {
    let env = [("DD_TRACE_PROPAGATION_STYLE", "tracecontext,datadog,b3multi")];
    let Some(app) = App::start(&env).await else { return };
    let incoming = [
        ("traceparent", "00-11111111111111110000000000000002-0000000000000009-01"),
        ("x-datadog-trace-id", "2"),
        ("x-datadog-parent-id", "8"),
        ("x-datadog-sampling-priority", "-1"),
        ("x-b3-traceid", "11111111111111110000000000000003"),
        ("x-b3-spanid", "a000000000000000"),
    ];
    app.hop(&incoming).await;
    let span = app.only_span().await;
    let links: Vec<_> = span
        .span_links
        .iter()
        .map(|link| {
            let style = link.attributes["context_headers"].as_str();
            (style, link.trace_id_high, link.trace_id, link.span_id, link.flags)
        })
        .collect();
    let high = 0x1111_1111_1111_1111;
    let expected =
        [("datadog", 0, 2, 8, 1 << 31), ("b3multi", high, 3, 0xa000_0000_0000_0000, 1 << 31)];
    assert_eq!(links, expected);
}

#[tokio::test]
async fn where_the_first_style_stops_the_search_there_are_no_links() {
    let env = [("DD_TRACE_PROPAGATION_EXTRACT_FIRST", "true")];
    let Some(app) = App::start(&env).await else { return };
    app.hop(&BOTH).await;
    assert_eq!(app.only_span().await.span_links, []);
}
