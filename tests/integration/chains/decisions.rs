//! Manual decisions in one service that a later one overrules: our service behaves as the peer in its place would.
//!
//! Rules: the last manual decision before a request wins for all services behind it, and the decision maker is `-4`, for
//! drops as well. ddtrace does exactly that; the differences of dd-trace are asserted here too.

use packdog_tests::peers::{Hop, HopReply, Span};

use super::fleet::{
    Fleet,
    Language::{self, Node, Python, Rust},
    line, member,
};

/// Priority and decision maker, as the headers carry them to the second and third service, and as each of the three sends
/// them to the Agent.
#[derive(Clone, Debug, PartialEq)]
struct Decided {
    by_headers: Vec<(String, Option<String>)>,
    by_tracestate: Vec<(String, Option<String>)>,
    to_agent: Vec<(f64, Option<String>)>,
}

impl Decided {
    fn of(replies: &[HopReply], spans: &[Span]) -> Self {
        let by_headers = replies[1..].iter().map(|reply| {
            let decision_maker = member(reply, "x-datadog-tags", "_dd.p.dm");
            let priority = reply.headers["x-datadog-sampling-priority"].clone();
            (priority, decision_maker.map(maker))
        });
        let by_tracestate = replies[1..].iter().map(|reply| {
            let ours = member(reply, "tracestate", "dd").unwrap();
            let item = |name| ours.split(';').find_map(|item| item.strip_prefix(name));
            (item("s:").unwrap().to_owned(), item("t.dm:").map(maker))
        });
        let of_requests = line(spans, replies).into_iter().rev().step_by(2);
        let to_agent = of_requests.map(|span| {
            let priority = span.metric("_sampling_priority_v1").unwrap();
            (priority, span.tag("_dd.p.dm").map(maker))
        });
        Self {
            by_headers: by_headers.collect(),
            by_tracestate: by_tracestate.collect(),
            to_agent: to_agent.collect(),
        }
    }

    fn priorities(&self) -> Vec<f64> {
        self.to_agent.iter().map(|(priority, _)| *priority).collect()
    }
}

/// The decision maker differs among automatic decisions, which therefore count as the same.
///
/// A tracer sends `-0` before it has received the Agent's rates and `-1` after that, and no two processes receive them at the
/// same time. ddtrace sends `-0` even after that, where the Agent names no rate for its service: it does not take the
/// Agent's default, as the Agent's contract and dd-trace-go do, and as ours does.
fn maker(decision_maker: &str) -> String {
    match decision_maker {
        "-0" | "-1" => "no person".to_owned(),
        _ => decision_maker.to_owned(),
    }
}

struct Scenario {
    name: &'static str,
    /// The priority that comes with the request.
    incoming: Option<&'static str>,
    hops: [Hop; 3],
    /// The priority at each service.
    priorities: [f64; 3],
}

#[rustfmt::skip]
fn scenarios() -> [Scenario; 8] {
    let [nothing, keep, drop] = [(false, false), (true, false), (false, true)];
    let scenario = |name, incoming, hops: [(bool, bool); 3], priorities| {
        let hops = hops.map(|(keep, drop)| Hop { keep, drop, ..Hop::default() });
        Scenario { name, incoming, hops, priorities }
    };
    [
        scenario("kept first",           None,       [keep, nothing, nothing], [ 2.0,  2.0,  2.0]),
        scenario("dropped first",        None,       [drop, nothing, nothing], [-1.0, -1.0, -1.0]),
        scenario("kept, then dropped",   None,       [keep, drop, nothing],    [ 2.0, -1.0, -1.0]),
        scenario("dropped, then kept",   None,       [drop, keep, nothing],    [-1.0,  2.0,  2.0]),
        scenario("decided in between",   None,       [nothing, keep, drop],    [ 1.0,  2.0, -1.0]),
        scenario("a keep is overruled",  Some("2"),  [nothing, drop, keep],    [ 2.0, -1.0,  2.0]),
        scenario("a drop is overruled",  Some("-1"), [nothing, keep, drop],    [-1.0,  2.0, -1.0]),
        scenario("as is an auto drop",   Some("0"),  [nothing, keep, nothing], [ 0.0,  2.0,  2.0]),
    ]
}

/// Chains with ours in each place, before and behind each peer.
const ORDERS: [[Language; 3]; 4] =
    [[Rust, Python, Node], [Python, Rust, Node], [Node, Rust, Python], [Rust, Node, Rust]];

#[tokio::test]
async fn a_manual_decision_travels_as_through_ddtrace() {
    let Some(mut fleet) = Fleet::shared().await else { return };
    let mut ids = 2_000_000_u64..;
    let mut pairs = Vec::new();
    for scenario in scenarios() {
        for order in ORDERS {
            let peers_only = order.map(|language| if language == Rust { Python } else { language });
            let mut run = async |order| send(&mut fleet, &scenario, order, ids.next()).await;
            pairs.push((
                scenario.name,
                scenario.priorities,
                order,
                [run(order).await, run(peers_only).await],
            ));
        }
    }
    let traces = fleet.traces().await;
    for (name, priorities, order, replies) in pairs {
        let [ours, theirs] = replies.map(|replies| {
            let low = u64::from_str_radix(&replies[0].trace_id[16..], 16).unwrap();
            Decided::of(&replies, &traces[&low])
        });
        assert_eq!(ours, theirs, "{name}: {order:?}");
        assert_eq!(ours.priorities(), priorities, "{name}: {order:?}");
    }
}

async fn send(
    fleet: &mut Fleet,
    scenario: &Scenario,
    order: [Language; 3],
    id: Option<u64>,
) -> [HopReply; 3] {
    let id = id.unwrap_or_default().to_string();
    let headers = scenario.incoming.map(|priority| {
        [
            ("x-datadog-trace-id", id.as_str()),
            ("x-datadog-parent-id", "5678"),
            ("x-datadog-sampling-priority", priority),
            ("x-datadog-tags", if priority == "2" { "_dd.p.dm=-4" } else { "" }),
        ]
    });
    let headers = headers.as_ref().map_or(&[][..], |headers| headers);
    fleet.chain(order, headers, scenario.hops.clone()).await
}

/// dd-trace decides alike, but for a dropped trace it sends the decision maker only in `tracestate`.
#[tokio::test]
async fn node_decides_the_same_but_contradicts_itself_about_the_decision_maker_of_a_drop() {
    let Some(mut fleet) = Fleet::shared().await else { return };
    let mut chains = Vec::new();
    for (scenario, id) in scenarios().into_iter().zip(3_000_000_u64..) {
        chains.push((
            scenario.name,
            scenario.priorities,
            send(&mut fleet, &scenario, [Node; 3], Some(id)).await,
        ));
    }
    let traces = fleet.traces().await;
    for (name, priorities, replies) in chains {
        let low = u64::from_str_radix(&replies[0].trace_id[16..], 16).unwrap();
        let decided = Decided::of(&replies, &traces[&low]);
        assert_eq!(decided.priorities(), priorities, "{name}");
        for (priority, decision_maker) in decided.by_headers {
            assert_eq!(decision_maker.is_some(), !priority.starts_with(['-', '0']), "{name}");
        }
        if name == "dropped first" {
            let of_drop = ("-1".to_owned(), Some("-4".to_owned()));
            assert_eq!(decided.by_tracestate, [of_drop.clone(), of_drop], "{name}");
        }
    }
}

/// Within one service the last decision wins in ours and in ddtrace; in dd-trace a keep wins over a drop.
#[tokio::test]
async fn a_drop_after_a_keep_in_one_service_wins_except_in_node() {
    let Some(mut fleet) = Fleet::shared().await else { return };
    for (language, priority) in [(Rust, "-1"), (Python, "-1"), (Node, "2")] {
        let both = Hop { keep: true, drop: true, ..Hop::default() };
        let order = [language, Python, Rust];
        let [_, second, third] =
            fleet.chain(order, &[], [both, Hop::default(), Hop::default()]).await;
        for reply in [second, third] {
            let seen = &reply.headers["x-datadog-sampling-priority"];
            assert_eq!(seen, priority, "{language:?}: {reply:?}");
        }
    }
}
