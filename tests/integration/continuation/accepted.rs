//! Headers that are as they should be: alone, together, at odds with each other, and in B3.

use packdog::propagation::{PropagationConfig, Styles};

use super::service::{Line, Outcome, Service};

const TRACE: u128 = 0x640c_fd8d_0000_0000_0000_0000_0000_04d2;
const PARENT: u64 = 5678;
const W3C: Line<'static> =
    ("traceparent", b"00-640cfd8d0000000000000000000004d2-000000000000162e-01");
const TRACE_ID: Line<'static> = ("x-datadog-trace-id", b"1234");
const PARENT_ID: Line<'static> = ("x-datadog-parent-id", b"5678");
const PRIORITY: Line<'static> = ("x-datadog-sampling-priority", b"2");
const TAGS: Line<'static> = ("x-datadog-tags", b"_dd.p.dm=-4,_dd.p.tid=640cfd8d00000000");
const BAGGAGE: Line<'static> = ("baggage", b"plan=pro,city=K%C3%B6ln;property=1");
const ITEMS: [(&str, &str); 2] = [("city", "Köln"), ("plan", "pro")];

/// The context that handler and Agent must agree on.
#[track_caller]
fn assert_trace(outcome: &Outcome, trace_id: u128, parent_id: u64) {
    assert_eq!(outcome.response, outcome.bare_response);
    assert!(outcome.response.starts_with("HTTP/1.1 201 Created\r\n"), "{}", outcome.response);
    assert_eq!(format!("{:032x}", outcome.trace_id), format!("{trace_id:032x}"));
    assert_eq!(outcome.span.parent_id, parent_id);
    let seen = (outcome.seen.trace_id.unwrap(), outcome.seen.span_id.unwrap());
    assert_eq!(seen.0.to_string(), format!("{trace_id:032x}"));
    assert_eq!(seen.1.to_string(), format!("{:016x}", outcome.span.span_id));
}

#[tokio::test]
async fn a_trace_is_continued_from_w3c_headers_from_datadog_headers_and_from_both() {
    let mut service = Service::start(PropagationConfig::default()).await;
    let datadog = [TRACE_ID, PARENT_ID, PRIORITY, TAGS];
    #[rustfmt::skip]
    let table: [(&str, Vec<Line<'_>>, f64, Option<&str>); 4] = [
        // headers                                                       priority  decision maker
        ("W3C",             vec![W3C],                                   1.0,      None),
        ("W3C with a list", vec![W3C, ("tracestate", b"dd=s:2;t.dm:-4")], 2.0,     Some("-4")),
        ("Datadog",         datadog.to_vec(),                            2.0,      Some("-4")),
        ("both",            [&datadog[..], &[W3C]].concat(),             2.0,      Some("-4")),
    ];
    for (name, headers, priority, decision_maker) in table {
        for with_baggage in [false, true] {
            let baggage = if with_baggage { vec![BAGGAGE] } else { vec![] };
            let outcome = service.call(&[headers.clone(), baggage].concat()).await;
            assert_trace(&outcome, TRACE, PARENT);
            let span = &outcome.span;
            assert_eq!(span.metrics["_sampling_priority_v1"], priority, "{name}");
            assert_eq!(span.meta.get("_dd.p.dm").map(String::as_str), decision_maker, "{name}");
            assert_eq!(span.span_links, [], "{name}");
            let expected = if with_baggage { &ITEMS[..] } else { &[] };
            assert_eq!(outcome.baggage(), expected, "{name}");
        }
    }
}

#[tokio::test]
async fn of_two_traces_the_datadog_one_is_continued_and_the_other_is_linked() {
    let mut service = Service::start(PropagationConfig::default()).await;
    let other = b"00-11111111111111110000000000000001-000000000000000a-01";
    let headers = [TRACE_ID, PARENT_ID, PRIORITY, TAGS, ("traceparent", other)];
    let outcome = service.call(&headers).await;
    assert_trace(&outcome, TRACE, PARENT);
    let [link] = outcome.span.span_links.as_slice() else { panic!("{:?}", outcome.span) };
    assert_eq!(link.trace_id, 0x1111_1111_1111_1111_0000_0000_0000_0001);
    assert_eq!(link.span_id, 10);
    assert_eq!(link.attributes["reason"], "terminated_context");
    assert_eq!(link.attributes["context_headers"], "tracecontext");
}

#[tokio::test]
async fn of_two_parents_in_one_trace_the_w3c_one_is_the_parent_and_the_datadog_one_is_remembered() {
    let mut service = Service::start(PropagationConfig::default()).await;
    let through_another_vendor = b"00-640cfd8d0000000000000000000004d2-00000000000000aa-01";
    let headers = [TRACE_ID, PARENT_ID, PRIORITY, TAGS, ("traceparent", through_another_vendor)];
    let outcome = service.call(&headers).await;
    assert_trace(&outcome, TRACE, 0xaa);
    assert_eq!(outcome.span.meta["_dd.parent_id"], "000000000000162e");
    assert_eq!(outcome.span.span_links, []);
}

#[tokio::test]
async fn baggage_alone_starts_a_new_trace_that_has_it() {
    let mut service = Service::start(PropagationConfig::default()).await;
    let baggage: Line<'_> = ("baggage", b"user.id=7,plan=pro");
    let outcome = service.call(&[baggage]).await;
    assert_trace(&outcome, outcome.trace_id, 0);
    assert_eq!(outcome.baggage(), [("plan", "pro"), ("user.id", "7")]);
    // The items that are tags by default are, and no others.
    assert_eq!(outcome.span.meta["baggage.user.id"], "7");
    assert!(!outcome.span.meta.contains_key("baggage.plan"), "{:?}", outcome.span);
}

#[tokio::test]
async fn b3_headers_are_read_where_they_are_configured_and_only_there() {
    let multi: [Line<'_>; 3] = [
        ("x-b3-traceid", b"640cfd8d0000000000000000000004d2"),
        ("x-b3-spanid", b"000000000000162e"),
        ("x-b3-sampled", b"0"),
    ];
    let single: [Line<'_>; 1] = [("b3", b"640cfd8d0000000000000000000004d2-000000000000162e-d")];
    #[rustfmt::skip]
    let table: [(&str, &[Line<'_>], Option<f64>); 6] = [
        // style               headers   priority of the trace that is continued
        ("b3multi",            &multi,   Some(0.0)),
        ("b3multi",            &single,  None),
        ("b3",                 &single,  Some(2.0)),
        ("b3 single header",   &single,  Some(2.0)),
        ("b3",                 &multi,   None),
        ("datadog",            &single,  None),
    ];
    for (style, headers, continued) in table {
        let styles = Styles::parse(style).0.unwrap();
        let mut service = Service::start(PropagationConfig::default().with_style(styles)).await;
        let outcome = service.call(headers).await;
        match continued {
            Some(priority) => {
                assert_trace(&outcome, TRACE, PARENT);
                assert_eq!(outcome.span.metrics["_sampling_priority_v1"], priority, "{style}");
            }
            None => {
                assert_ne!(outcome.trace_id, TRACE, "{style}");
                assert_trace(&outcome, outcome.trace_id, 0);
            }
        }
    }
}
