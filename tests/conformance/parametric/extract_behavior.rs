//! `DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT`: a received trace is continued, linked, or ignored.

use crate::harness::App;

const BEHAVIOR: &str = "DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT";
const STYLES: (&str, &str) =
    ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "datadog,tracecontext,b3multi,baggage");

/// All styles name one trace.
const ONE_TRACE: [(&str, &str); 7] = [
    ("x-datadog-trace-id", "1"),
    ("x-datadog-parent-id", "1"),
    ("x-datadog-sampling-priority", "2"),
    ("x-datadog-tags", "_dd.p.tid=1111111111111111,_dd.p.dm=-4"),
    ("traceparent", "00-11111111111111110000000000000001-0000000000000001-01"),
    ("tracestate", "dd=s:2;t.dm:-4,foo=1"),
    ("baggage", "key1=value1"),
];

/// The styles name two traces.
const TWO_TRACES: [(&str, &str); 7] = [
    ("x-datadog-trace-id", "2"),
    ("x-datadog-parent-id", "10"),
    ("x-datadog-sampling-priority", "2"),
    ("x-datadog-tags", "_dd.p.tid=2222222222222222,_dd.p.dm=-4"),
    ("traceparent", "00-11111111111111110000000000000001-0000000000000001-01"),
    ("tracestate", "dd=s:2;t.dm:-4,foo=1"),
    ("baggage", "key1=value1"),
];

#[tokio::test]
async fn continue_is_the_default_and_goes_on_with_the_trace() {
    for behavior in ["", "continue", "CONTINUE", "whatever"] {
        let Some(app) = App::start(&[STYLES, (BEHAVIOR, behavior)]).await else { return };
        let (_, injected) = app.hop(&ONE_TRACE).await;
        assert_eq!(injected.get("x-datadog-trace-id"), Some("1"), "{behavior}");
        assert_eq!(injected.get("x-datadog-sampling-priority"), Some("2"), "{behavior}");
        assert_eq!(injected.get("baggage"), Some("key1=value1"), "{behavior}");
        let span = app.only_span().await;
        assert_eq!((span.trace_id, span.parent_id), (1, 1), "{behavior}");
        assert_eq!(span.span_links, [], "{behavior}");
    }
}

#[tokio::test]
async fn continue_links_contexts_that_disagree() {
    let Some(app) = App::start(&[STYLES, (BEHAVIOR, "continue")]).await else { return };
    app.hop(&TWO_TRACES).await;
    let span = app.only_span().await;
    assert_eq!((span.trace_id, span.parent_id), (2, 10));
    let [link] = span.span_links.as_slice() else { panic!("{span:#?}") };
    assert_eq!((link.trace_id, link.trace_id_high, link.span_id), (1, 0x1111_1111_1111_1111, 1));
    assert_eq!(link.attributes["reason"], "terminated_context");
}

#[tokio::test]
async fn restart_begins_a_trace_with_a_link_and_the_baggage() {
    for (behavior, first, incoming, linked) in [
        ("restart", "false", &ONE_TRACE, (1, 0x1111_1111_1111_1111, 1)),
        ("Restart", "true", &ONE_TRACE, (1, 0x1111_1111_1111_1111, 1)),
        ("restart", "false", &TWO_TRACES, (2, 0x2222_2222_2222_2222, 10)),
        ("restart", "true", &TWO_TRACES, (2, 0x2222_2222_2222_2222, 10)),
    ] {
        let env = [STYLES, (BEHAVIOR, behavior), ("DD_TRACE_PROPAGATION_EXTRACT_FIRST", first)];
        let Some(app) = App::start(&env).await else { return };
        let (_, injected) = app.hop(incoming).await;
        assert_ne!(injected.get("x-datadog-trace-id"), Some("1"));
        assert_ne!(injected.get("x-datadog-trace-id"), Some("2"));
        assert_eq!(injected.get("x-datadog-sampling-priority"), Some("1"));
        assert_eq!(injected.datadog_tag("_dd.p.dm"), Some("-0"));
        assert!(!injected.get("tracestate").unwrap().contains("foo"));
        assert_eq!(injected.get("baggage"), Some("key1=value1"));

        let span = app.only_span().await;
        assert_eq!(span.parent_id, 0);
        let [link] = span.span_links.as_slice() else { panic!("{span:#?}") };
        assert_eq!((link.trace_id, link.trace_id_high, link.span_id), linked);
        assert_eq!(link.attributes["reason"], "propagation_behavior_extract");
        assert_eq!(link.attributes["context_headers"], "datadog");
        assert_eq!(link.flags, 1 << 31 | 1);
    }
}

#[tokio::test]
async fn restart_without_a_trace_has_no_link() {
    let Some(app) = App::start(&[STYLES, (BEHAVIOR, "restart")]).await else { return };
    let (_, injected) = app.hop(&[("baggage", "key1=value1")]).await;
    assert_eq!(injected.get("baggage"), Some("key1=value1"));
    assert_eq!(app.only_span().await.span_links, []);
}

#[tokio::test]
async fn restart_links_the_parent_that_tracecontext_corrects() {
    let Some(app) = App::start(&[STYLES, (BEHAVIOR, "restart")]).await else { return };
    let mut incoming = ONE_TRACE;
    incoming[4].1 = "00-11111111111111110000000000000001-1234567890123456-01";
    app.hop(&incoming).await;
    let span = app.only_span().await;
    let [link] = span.span_links.as_slice() else { panic!("{span:#?}") };
    assert_eq!(link.span_id, 0x1234_5678_9012_3456);
}

#[tokio::test]
async fn ignore_reads_nothing_not_even_baggage() {
    for incoming in [&ONE_TRACE, &TWO_TRACES] {
        let Some(app) = App::start(&[STYLES, (BEHAVIOR, "ignore")]).await else { return };
        assert_eq!(app.extract(incoming).await, None);
        let (_, injected) = app.hop(incoming).await;
        assert_eq!(injected.get("baggage"), None);
        let span = app.only_span().await;
        assert!(span.trace_id > 2);
        assert_eq!(span.parent_id, 0);
        assert_eq!(span.span_links, []);
    }
}
