//! Our member of `tracestate`: priority, origin and tags of the trace, and how they agree with `traceparent`.

use crate::harness::{
    App,
    Expect::{Is, Lacks},
    Row,
};

const SAMPLED: (&str, &str) =
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01");
const NOT_SAMPLED: (&str, &str) =
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-00");
const STYLE: (&str, &str) = ("DD_TRACE_PROPAGATION_STYLE", "tracecontext");

#[tokio::test]
async fn the_sampled_bit_and_the_priority_are_reconciled() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    #[rustfmt::skip]
    let rows: [Row<'_>; 11] = [
        ("sampled, no priority: 1", &[SAMPLED, ("tracestate", "foo=1")], &[("tracestate", Is("dd=s:1;p:{hex},foo=1"))]),
        ("sampled, unparsable priority: 1", &[SAMPLED, ("tracestate", "dd=s:high")], &[("tracestate", Is("dd=s:1;p:{hex}"))]),
        ("sampled, 2: 2", &[SAMPLED, ("tracestate", "dd=s:2;t.dm:-4")], &[("tracestate", Is("dd=s:2;p:{hex};t.dm:-4"))]),
        ("sampled, 0: 1 with mechanism 0", &[SAMPLED, ("tracestate", "dd=s:0;t.dm:-4")], &[("tracestate", Is("dd=s:1;p:{hex};t.dm:-0"))]),
        ("sampled, -1: 1 with mechanism 0", &[SAMPLED, ("tracestate", "dd=s:-1")], &[("tracestate", Is("dd=s:1;p:{hex};t.dm:-0"))]),
        ("the order of items does not count", &[SAMPLED, ("tracestate", "dd=t.dm:-4;s:-1")], &[("tracestate", Is("dd=s:1;p:{hex};t.dm:-0"))]),
        ("not sampled, no priority: 0", &[NOT_SAMPLED], &[("tracestate", Is("dd=s:0;p:{hex}"))]),
        ("not sampled, 0: 0", &[NOT_SAMPLED, ("tracestate", "dd=s:0;t.dm:-1")], &[("tracestate", Is("dd=s:0;p:{hex};t.dm:-1"))]),
        ("not sampled, -1: -1", &[NOT_SAMPLED, ("tracestate", "dd=s:-1")], &[("tracestate", Is("dd=s:-1;p:{hex}"))]),
        ("not sampled, 1: 0 without a mechanism", &[NOT_SAMPLED, ("tracestate", "dd=s:1;t.dm:-4")], &[("tracestate", Is("dd=s:0;p:{hex}"))]),
        ("not sampled, 2: 0", &[NOT_SAMPLED, ("tracestate", "dd=s:2;o:rum")], &[("tracestate", Is("dd=s:0;o:rum;p:{hex}"))]),
    ];
    app.check(&rows).await;
}

#[tokio::test]
async fn origin_and_tags_pass_through_our_member() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    #[rustfmt::skip]
    let rows: [Row<'_>; 8] = [
        ("an origin is kept", &[SAMPLED, ("tracestate", "dd=s:1;o:synthetics-browser")],
            &[("tracestate", Is("dd=s:1;o:synthetics-browser;p:{hex}"))]),
        ("~ stands for =", &[SAMPLED, ("tracestate", "dd=s:1;o:a~b;t.usr.id:eA~~")],
            &[("tracestate", Is("dd=s:1;o:a~b;p:{hex};t.usr.id:eA~~"))]),
        ("a value may have colons", &[SAMPLED, ("tracestate", "dd=s:1;t.url:a:b")], &[("tracestate", Is("dd=s:1;p:{hex};t.url:a:b"))]),
        ("unknown items are not sent on", &[SAMPLED, ("tracestate", "dd=s:1;x:1;;y")], &[("tracestate", Is("dd=s:1;p:{hex}"))]),
        ("empty values are nothing", &[SAMPLED, ("tracestate", "dd=s:1;o:;t.a:")], &[("tracestate", Is("dd=s:1;p:{hex}"))]),
        ("the high half of the id comes from traceparent alone", &[SAMPLED, ("tracestate", "dd=s:1;t.tid:ffffffffffffffff")],
            &[("traceparent", Is("00-12345678901234567890123456789012-{hex}-01")), ("tracestate", Lacks("ffffffffffffffff"))]),
        ("of two members of ours the last one counts", &[SAMPLED, ("tracestate", "dd=s:1,foo=1,dd=s:2")],
            &[("tracestate", Is("dd=s:2;p:{hex},foo=1"))]),
        ("DD is another vendor's, and no key, which drops all members of others",
            &[SAMPLED, ("tracestate", "DD=s:2,foo=1")], &[("tracestate", Is("dd=s:1;p:{hex}"))]),
    ];
    app.check(&rows).await;
}

#[tokio::test]
async fn values_from_datadog_headers_are_written_into_our_member() {
    let env = [
        ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "datadog"),
        ("DD_TRACE_PROPAGATION_STYLE_INJECT", "tracecontext"),
    ];
    let Some(app) = App::start(&env).await else { return };
    let id = ("x-datadog-trace-id", "7890");
    let parent = ("x-datadog-parent-id", "1234");
    let long = format!("_dd.p.long={},_dd.p.short=1", "x".repeat(240));
    #[rustfmt::skip]
    let rows: [Row<'_>; 6] = [
        ("priority, origin and tags in this order",
            &[id, parent, ("x-datadog-sampling-priority", "2"), ("x-datadog-origin", "rum"), ("x-datadog-tags", "_dd.p.dm=-4,_dd.p.usr.id=eA==")],
            &[("tracestate", Is("dd=s:2;o:rum;p:{hex};t.dm:-4;t.usr.id:eA~~"))]),
        ("a priority above 1 is sampled", &[id, parent, ("x-datadog-sampling-priority", "3")],
            &[("traceparent", Is("00-00000000000000000000000000001ed2-{hex}-01")), ("tracestate", Is("dd=s:3;p:{hex}"))]),
        ("a priority below 0 is not", &[id, parent, ("x-datadog-sampling-priority", "-1")],
            &[("traceparent", Is("00-00000000000000000000000000001ed2-{hex}-00")), ("tracestate", Is("dd=s:-1;p:{hex}"))]),
        ("what separates is replaced in an origin", &[id, parent, ("x-datadog-sampling-priority", "1"), ("x-datadog-origin", "synthetics~;=web,z")],
            &[("tracestate", Is("dd=s:1;o:synthetics__~web_z;p:{hex}"))]),
        ("what separates is replaced in tags", &[id, parent, ("x-datadog-sampling-priority", "1"), ("x-datadog-tags", "_dd.p.a;b=c~d;e")],
            &[("tracestate", Is("dd=s:1;p:{hex};t.a_b:c_d_e"))]),
        ("a tag that does not fit into 256 characters is left out whole", &[id, parent, ("x-datadog-sampling-priority", "1"), ("x-datadog-tags", &long)],
            &[("tracestate", Is("dd=s:1;p:{hex};t.short:1"))]),
    ];
    app.check(&rows).await;
}

#[tokio::test]
async fn values_from_our_member_are_written_into_datadog_headers() {
    let env = [
        ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "tracecontext"),
        ("DD_TRACE_PROPAGATION_STYLE_INJECT", "datadog"),
    ];
    let Some(app) = App::start(&env).await else { return };
    let rows: [Row<'_>; 1] = [(
        "priority, origin, tags and both halves of the id",
        &[SAMPLED, ("tracestate", "dd=s:2;o:rum;t.dm:-4;t.usr.id:eA~~,foo=1")],
        &[
            ("x-datadog-trace-id", Is("8687463697196027922")),
            ("x-datadog-parent-id", Is("{decimal}")),
            ("x-datadog-sampling-priority", Is("2")),
            ("x-datadog-origin", Is("rum")),
            ("x-datadog-tags", Is("_dd.p.dm=-4,_dd.p.usr.id=eA==,_dd.p.tid=1234567890123456")),
        ],
    )];
    app.check(&rows).await;
    let sent = app.only_span().await;
    assert_eq!(sent.tag("_dd.p.tid"), Some("1234567890123456"));
    assert_eq!(sent.tag("_dd.p.dm"), Some("-4"));
    assert_eq!(sent.metric("_sampling_priority_v1"), Some(2.0));
}
