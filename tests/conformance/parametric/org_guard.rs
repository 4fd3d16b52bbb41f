//! `test_headers_opm`: traces of other organisations, which are recognised by the marker in the Agent's `/info`.

use serde_json::{Value, json};

use crate::harness::{App, Env, Headers};

const ENABLED: (&str, &str) = ("DD_TRACE_ORG_GUARD_ENABLED", "true");
const STRICT: (&str, &str) = ("DD_TRACE_ORG_GUARD_STRICT", "true");
const TRUSTED: (&str, &str) = ("DD_TRACE_ORG_GUARD_TRUSTED_OPMS", "friend, partner");
const TRACE_CONTEXT: (&str, &str) = ("DD_TRACE_PROPAGATION_STYLE", "tracecontext,baggage");

const TRACEPARENT: &str = "00-1111111111111111000000000000007b-00000000000001c8-01";

/// A request with everything that a tracer of an organisation can send, in the styles `datadog` and `tracecontext`.
fn request(marker: Option<&str>) -> [(&'static str, String); 8] {
    let tag = marker.map_or(String::new(), |marker| format!(",_dd.p.opm={marker}"));
    let item = marker.map_or(String::new(), |marker| format!(";t.opm:{marker}"));
    [
        ("x-datadog-trace-id", "123".to_owned()),
        ("x-datadog-parent-id", "456".to_owned()),
        ("x-datadog-sampling-priority", "-1".to_owned()),
        ("x-datadog-origin", "synthetics".to_owned()),
        ("x-datadog-tags", format!("_dd.p.tid=1111111111111111,_dd.p.dm=-4,_dd.p.usr=7{tag}")),
        ("traceparent", TRACEPARENT.to_owned()),
        ("tracestate", format!("foo=1,dd=s:2;o:synthetics;t.dm:-4;t.usr:7{item},bar=2")),
        ("baggage", "plan=pro".to_owned()),
    ]
}

/// A server that has heard from its Agent which organisation is ours.
async fn start(environment: Env<'_>, ours: Option<&str>) -> Option<App> {
    let info = ours.map_or(json!({}), |ours| json!({ "org_prop_marker": ours }));
    let app = App::start_with_info(environment, &info).await?;
    assert_eq!(app.get("/trace/agent/ensure_agent_info", Value::Null).await["ready"], true);
    Some(app)
}

/// Sends a request through the server, and checks that ids, other vendors and baggage do not change.
async fn hop(app: &App, marker: Option<&str>) -> Headers {
    let request = request(marker);
    let request = request.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (_, injected) = app.hop(&request).await;
    let tracestate = injected.get("tracestate").unwrap();
    assert!(tracestate.ends_with(",foo=1,bar=2"), "{tracestate}");
    assert_eq!(injected.trace_id(), "1111111111111111000000000000007b");
    assert_eq!(injected.get("baggage"), Some("plan=pro"));
    let span = app.only_span().await;
    assert_eq!((span.trace_id, span.parent_id), (123, 456));
    assert_eq!(span.tag("_dd.p.tid"), Some("1111111111111111"));
    app.agent().forget().await;
    injected
}

/// Whether the other tracer's decisions are passed on whole, or not at all.
fn is_continued_whole(injected: &Headers) -> bool {
    let tracestate = injected.get("tracestate").unwrap();
    let seen = [
        injected.get("x-datadog-sampling-priority") == Some("-1"),
        injected.get("x-datadog-origin") == Some("synthetics"),
        injected.datadog_tag("_dd.p.usr") == Some("7"),
        injected.datadog_tag("_dd.p.dm") == Some("-4"),
        tracestate.contains("s:-1"),
        tracestate.contains("o:synthetics"),
        tracestate.contains("t.usr:7"),
        tracestate.contains("t.dm:-4"),
    ];
    assert!(seen.iter().all(|it| *it == seen[0]), "in part: {injected:?}");
    seen[0]
}

/// The marker that goes, which both styles name.
fn marker(injected: &Headers) -> Option<&str> {
    let tracestate = injected.get("tracestate").unwrap();
    let member = tracestate.split(',').find_map(|member| member.strip_prefix("dd=")).unwrap();
    let in_member = member.split(';').find_map(|item| item.strip_prefix("t.opm:"));
    assert_eq!(injected.datadog_tag("_dd.p.opm"), in_member, "{injected:?}");
    in_member
}

#[tokio::test]
async fn a_marker_is_forwarded_where_the_guard_is_off_or_ours_is_unknown() {
    #[rustfmt::skip]
    let table: [(Env<'_>, Option<&str>); 4] = [
        // environment                                             ours
        (&[],                                                      Some("ours")),
        (&[("DD_TRACE_ORG_GUARD_ENABLED", "false"), STRICT],       Some("ours")),
        (&[ENABLED],                                               None),
        (&[ENABLED, STRICT],                                       Some("")),
    ];
    for (environment, ours) in table {
        let Some(app) = start(environment, ours).await else { return };
        for inbound in [Some("stranger"), Some("ours"), None] {
            let injected = hop(&app, inbound).await;
            assert!(is_continued_whole(&injected), "{environment:?} {inbound:?}");
            assert_eq!(marker(&injected), inbound, "{environment:?}");
        }
    }
}

#[tokio::test]
async fn a_trace_goes_on_whole_if_its_organisation_is_trusted_and_leaves_with_our_marker() {
    #[rustfmt::skip]
    let table: [(Env<'_>, &[_], &[_]); 4] = [
        // environment                 continued whole                     ids alone
        (&[ENABLED],                   &[Some("ours"), None],              &[Some("stranger"), Some("friend")]),
        (&[ENABLED, TRUSTED],          &[Some("friend"), Some("partner")], &[Some("stranger")]),
        (&[ENABLED, STRICT],           &[Some("ours")],                    &[Some("stranger"), None]),
        (&[ENABLED, STRICT, TRUSTED],  &[Some("friend")],                  &[None]),
    ];
    for (environment, whole, ids_alone) in table {
        let Some(app) = start(environment, Some("ours")).await else { return };
        for (inbounds, is_whole) in [(whole, true), (ids_alone, false)] {
            for inbound in inbounds {
                let injected = hop(&app, *inbound).await;
                assert_eq!(is_continued_whole(&injected), is_whole, "{environment:?} {inbound:?}");
                assert_eq!(marker(&injected), Some("ours"), "{environment:?} {inbound:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_trace_that_is_not_trusted_is_decided_here() {
    let Some(app) = start(&[ENABLED], Some("ours")).await else { return };
    let injected = hop(&app, Some("stranger")).await;
    assert_eq!(injected.get("x-datadog-sampling-priority"), Some("1"));
    assert_eq!(injected.get("x-datadog-origin"), None);
    assert_eq!(injected.datadog_tag("_dd.p.dm"), Some("-0"));
    assert_eq!(injected.datadog_tag("_dd.p.tid"), Some("1111111111111111"));
}

#[tokio::test]
async fn the_whole_inbound_member_of_tracestate_is_dropped() {
    let Some(app) = start(&[ENABLED, TRACE_CONTEXT], Some("ours")).await else { return };
    let tracestate = "foo=1,dd=s:2;o:rum;p:00000000000000aa;t.opm:stranger;t.usr:7;x:y,bar=2";
    let (span, injected) =
        app.hop(&[("traceparent", TRACEPARENT), ("tracestate", tracestate)]).await;
    let tracestate = injected.get("tracestate").unwrap();
    let (ours, others) = tracestate.split_once(',').unwrap();
    let items: Vec<_> = ours.strip_prefix("dd=").unwrap().split(';').collect();
    // The decision is our own now, and is explained.
    let (probability, others) = others.split_once(',').unwrap();
    assert!(probability.starts_with("ot=rv:") && probability.ends_with(";th:0"), "{probability}");
    assert_eq!(others, "foo=1,bar=2");
    let parent = format!("p:{:016x}", span.span_id);
    for item in ["s:1", &parent, "t.opm:ours", "t.dm:-0"] {
        assert!(items.contains(&item), "{items:?} lack {item}");
    }
    assert!(!items.iter().any(|item| ["o:", "t.usr:", "x:"].iter().any(|it| item.starts_with(it))));
    assert_eq!(app.only_span().await.tag("_dd.parent_id"), None);
}

#[tokio::test]
async fn a_new_trace_leaves_with_our_marker_if_the_guard_is_on() {
    for (environment, expected) in [(&[][..], None), (&[ENABLED], Some("ours"))] {
        let Some(app) = start(environment, Some("ours")).await else { return };
        let (_, injected) = app.hop(&[]).await;
        assert_eq!(marker(&injected), expected);
    }
}
