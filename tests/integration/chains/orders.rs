//! Every order of three services, repeats included: one trace and one decision, whichever comes first.

use std::collections::BTreeMap;

use packdog_tests::peers::{Hop, HopReply};

use super::fleet::{
    Fleet,
    Language::{self, Node, Python, Rust},
    line, member,
};

const LANGUAGES: [Language; 3] = [Rust, Python, Node];
const HIGH: &str = "640cfd8d00000000";

fn orders() -> impl Iterator<Item = [Language; 3]> {
    let orders = LANGUAGES.map(|a| LANGUAGES.map(|b| LANGUAGES.map(|c| [a, b, c])));
    orders.into_iter().flatten().flatten()
}

#[tokio::test]
async fn a_received_trace_keeps_ids_parents_decision_and_origin_in_every_order() {
    let Some(mut fleet) = Fleet::shared().await else { return };
    let mut chains = Vec::new();
    for (order, low) in orders().zip(1_000_000_u64..) {
        let id = low.to_string();
        let tags = format!("_dd.p.dm=-4,_dd.p.tid={HIGH}");
        let headers = [
            ("x-datadog-trace-id", id.as_str()),
            ("x-datadog-parent-id", "5678"),
            ("x-datadog-sampling-priority", "2"),
            ("x-datadog-origin", "synthetics"),
            ("x-datadog-tags", &tags),
        ];
        let replies = fleet.chain(order, &headers, Default::default()).await;
        for reply in &replies {
            let why = format!("{order:?}: {reply:?}");
            assert_eq!(reply.trace_id, format!("{HIGH}{low:016x}"), "{why}");
            assert_eq!(reply.headers["x-datadog-trace-id"], id, "{why}");
            assert_eq!(reply.headers["x-datadog-sampling-priority"], "2", "{why}");
            assert_eq!(reply.headers["x-datadog-origin"], "synthetics", "{why}");
            assert_eq!(member(reply, "x-datadog-tags", "_dd.p.dm"), Some("-4"), "{why}");
            assert_eq!(member(reply, "x-datadog-tags", "_dd.p.tid"), Some(HIGH), "{why}");
        }
        for reply in &replies[1..] {
            assert_w3c_agrees(reply);
        }
        chains.push((low, order, replies));
    }
    let traces = fleet.traces().await;
    for (low, order, replies) in chains {
        let line = line(&traces[&low], &replies);
        assert_eq!(line.len(), 5, "{order:?}");
        assert_eq!(line[4].parent_id, 5678, "{order:?}");
        for span in line.iter().step_by(2) {
            let why = format!("{order:?}: {span:?}");
            assert_eq!(span.metric("_sampling_priority_v1"), Some(2.0), "{why}");
            assert_eq!(span.tag("_dd.p.dm"), Some("-4"), "{why}");
            assert_eq!(span.tag("_dd.p.tid"), Some(HIGH), "{why}");
            assert_eq!(span.tag("_dd.origin"), Some("synthetics"), "{why}");
        }
    }
}

/// `traceparent` and our member of `tracestate` agree with the Datadog headers beside them.
#[track_caller]
fn assert_w3c_agrees(reply: &HopReply) {
    let parent: u64 = reply.headers["x-datadog-parent-id"].parse().unwrap();
    let traceparent = format!("00-{}-{parent:016x}-01", reply.trace_id);
    assert_eq!(reply.headers["traceparent"], traceparent, "{reply:?}");
    let ours = member(reply, "tracestate", "dd").unwrap();
    // ddtrace repeats the high half of the id, which others leave to `traceparent`.
    let repeated = format!("t.tid:{HIGH}");
    let mut items: Vec<_> = ours.split(';').filter(|item| *item != repeated).collect();
    items.sort_unstable();
    let last = format!("p:{parent:016x}");
    assert_eq!(items, ["o:synthetics", last.as_str(), "s:2", "t.dm:-4"], "{reply:?}");
}

/// Texts that are hard to carry; they arrive at every later hop.
const AWKWARD: [(&str, &str); 9] = [
    ("unicode", "Grüße, 世界 🐕"),
    ("equals", "a=b=c"),
    ("semicolon", "a;b;c=d"),
    ("comma", "a,b"),
    ("percent", "100% of it"),
    ("spaces", "a b  c"),
    ("quote", "\"\\"),
    ("plus", "a+b"),
    ("brackets", "{[(<>)]}"),
];
/// The most items that any of the three sends.
const MAX_ITEMS: usize = 64;

/// The changes that the services of a chain make to the baggage, and the items that arrive besides `escape`.
struct Load {
    hops: [Hop; 3],
    arrives: [BTreeMap<String, String>; 3],
}

impl Load {
    /// The most items, half of them set by the first service and half by the second.
    fn whole() -> Self {
        let awkward =
            |place: &str| AWKWARD.map(|(key, value)| (format!("{place}.{key}"), value.to_owned()));
        let mut first = BTreeMap::from(awkward("first"));
        let mut second = BTreeMap::from(awkward("second"));
        for item in 0..MAX_ITEMS - 1 - 2 * AWKWARD.len() {
            let items = if item % 2 == 0 { &mut first } else { &mut second };
            items.insert(format!("key{item:02}"), format!("välue {item}"));
        }
        let sets = |items: &BTreeMap<_, _>| Hop { set_baggage: items.clone(), ..Hop::default() };
        let hops = [sets(&first).with_baggage("escape", "%41"), sets(&second), Hop::default()];
        let both = first.clone().into_iter().chain(second).collect();
        Self { hops, arrives: [BTreeMap::new(), first, both] }
    }

    /// [W3C Baggage](https://www.w3.org/TR/baggage/#value) wants `%` encoded as `%25`. Rust and Node do that; ddtrace
    /// sends it as it is, so that where it comes before two hex digits, the next service reads something else.
    #[track_caller]
    fn assert_arrived(&self, order: [Language; 3], replies: &[HopReply; 3]) {
        assert_eq!(replies[2].baggage.len(), MAX_ITEMS, "{order:?}");
        for (place, (reply, arrives)) in replies.iter().zip(&self.arrives).enumerate() {
            let escape = if order[..place].contains(&Python) { "A" } else { "%41" };
            let mut arrived = reply.baggage.clone();
            let escaped = arrived.remove("escape");
            assert_eq!(escaped.as_deref(), (place > 0).then_some(escape), "{order:?}");
            assert_eq!(arrived, *arrives, "{order:?}: place {place}");
        }
    }
}

#[tokio::test]
async fn a_trace_that_starts_in_the_chain_is_one_and_carries_all_baggage_in_every_order() {
    let Some(mut fleet) = Fleet::shared().await else { return };
    let load = Load::whole();
    let mut chains = Vec::new();
    for order in orders() {
        let replies = fleet.chain(order, &[], load.hops.clone()).await;
        load.assert_arrived(order, &replies);
        let [first, second, third] = &replies;
        let trace_ids = [&first.trace_id, &second.trace_id, &third.trace_id];
        assert_eq!(trace_ids, [&first.trace_id; 3], "{order:?}");
        // Seconds since 1970, then 32 zero bits.
        assert_ne!(&first.trace_id[..8], "00000000", "{order:?}");
        assert_eq!(&first.trace_id[8..16], "00000000", "{order:?}");
        let decision = |reply: &HopReply| {
            let priority = reply.headers["x-datadog-sampling-priority"].clone();
            (priority, member(reply, "x-datadog-tags", "_dd.p.dm").map(str::to_owned))
        };
        // No Agent has responded yet, or its rates keep everything.
        let (priority, decision_maker) = decision(second);
        assert_eq!(priority, "1", "{order:?}");
        assert!(matches!(decision_maker.as_deref(), Some("-0" | "-1")), "{order:?}: {second:?}");
        assert_eq!(decision(third), decision(second), "{order:?}");
        chains.push((order, decision_maker, replies));
    }
    let traces = fleet.traces().await;
    for (order, decision_maker, replies) in chains {
        let low = u64::from_str_radix(&replies[0].trace_id[16..], 16).unwrap();
        let line = line(&traces[&low], &replies);
        assert_eq!((line.len(), line[4].parent_id), (5, 0), "{order:?}");
        for span in line.iter().step_by(2) {
            assert_eq!(span.metric("_sampling_priority_v1"), Some(1.0), "{order:?}: {span:?}");
            assert_eq!(span.tag("_dd.p.dm"), decision_maker.as_deref(), "{order:?}: {span:?}");
            assert_eq!(span.tag("_dd.p.tid"), Some(&replies[0].trace_id[..16]), "{order:?}");
        }
    }
}
