//! Between neighbours with default styles, and between those that share one style only: what a style carries arrives
//! whole, in both directions.
//!
//! ```text
//! test ──▶ rust ──▶ python ──▶ rust ──▶ node ──▶ rust
//! ```

use std::collections::{BTreeMap, BTreeSet};

use packdog_tests::peers::{Hop, HopReply};

use super::fleet::{
    Fleet,
    Language::{self, Node, Python, Rust},
    line,
};

/// Ours hands on to each peer, and each peer to ours.
const ORDER: [Language; 5] = [Rust, Python, Rust, Node, Rust];
const HIGH: &str = "640cfd8d00000000";
/// Members of `tracestate` that are none of Datadog's business.
const VENDORS: &str = "vendor=a:b;c,other@sys=1";

type Headers = Vec<(&'static str, String)>;

/// A request, and the context that each service should extract from it.
struct Row {
    headers: Headers,
    /// At each of the five services.
    priorities: [f64; 5],
    /// Origin, decision maker and user arrive as well.
    is_whole: bool,
}

fn datadog(low: u64, priority: i32) -> Headers {
    let tags = format!("_dd.p.dm=-4,_dd.p.usr.id=YmFyCg==,_dd.p.tid={HIGH}");
    vec![
        ("x-datadog-trace-id", low.to_string()),
        ("x-datadog-parent-id", "5678".to_owned()),
        ("x-datadog-sampling-priority", priority.to_string()),
        ("x-datadog-origin", "rum".to_owned()),
        ("x-datadog-tags", tags),
    ]
}

fn tracecontext(low: u64, priority: i32) -> Headers {
    let sampled = u8::from(priority > 0);
    let ours = format!("dd=s:{priority};o:rum;t.dm:-4;t.usr.id:YmFyCg~~");
    vec![
        ("traceparent", format!("00-{HIGH}{low:016x}-{:016x}-{sampled:02x}", 5678)),
        ("tracestate", format!("{ours},{VENDORS}")),
    ]
}

fn b3multi(low: u64, decision: (&'static str, &str)) -> Headers {
    vec![
        ("x-b3-traceid", format!("{HIGH}{low:016x}")),
        ("x-b3-spanid", format!("{:016x}", 5678)),
        (decision.0, decision.1.to_owned()),
    ]
}

fn b3(low: u64, decision: &str) -> Headers {
    vec![("b3", format!("{HIGH}{low:016x}-{:016x}-{decision}", 5678))]
}

/// Sends each request along the chain; the low half of the first one's trace id is `low`, and so on.
/// Only headers that begin like one of `names` may arrive.
async fn pass(fleet: &mut Fleet, low: u64, rows: Vec<Row>, names: &[&str]) {
    let mut passed = Vec::new();
    for row in rows {
        let mut hops = [(); 5].map(|()| Hop::default());
        hops[0] = Hop::default().with_baggage("plan", "pro & more");
        let headers: Vec<_> = row.headers.iter().map(|(name, value)| (*name, &**value)).collect();
        passed.push((fleet.chain(ORDER, &headers, hops).await, row));
    }
    let traces = fleet.traces().await;
    for ((replies, row), low) in passed.iter().zip(low..) {
        for reply in replies {
            assert_eq!(reply.trace_id, format!("{HIGH}{low:016x}"), "{reply:?}");
        }
        for reply in &replies[1..] {
            assert_arrived(reply, names);
        }
        let line = line(&traces[&low], replies);
        assert_eq!((line.len(), line[8].parent_id), (9, 5678));
        let whole = |value| row.is_whole.then_some(value);
        for (span, priority) in line.into_iter().step_by(2).zip(row.priorities.iter().rev()) {
            assert_eq!(span.metric("_sampling_priority_v1"), Some(*priority), "{span:?}");
            assert_eq!(span.tag("_dd.origin"), whole("rum"), "{span:?}");
            assert_eq!(span.tag("_dd.p.dm"), whole("-4"), "{span:?}");
            assert_eq!(span.tag("_dd.p.usr.id"), whole("YmFyCg=="), "{span:?}");
            assert_eq!(span.tag("_dd.p.tid"), Some(HIGH), "{span:?}");
        }
    }
}

fn assert_arrived(reply: &HopReply, names: &[&str]) {
    let of_style = |header: &String| names.iter().any(|name| header.starts_with(name));
    assert!(reply.headers.keys().all(of_style), "{reply:?}");
    if names.contains(&"tracestate") {
        let (ours, vendors) = reply.headers["tracestate"].split_once(',').unwrap();
        assert!(ours.starts_with("dd="), "{reply:?}");
        assert_eq!(vendors, VENDORS, "{reply:?}");
    }
    let items = [("plan".to_owned(), "pro & more".to_owned())];
    let baggage = if names.contains(&"baggage") { items.into() } else { BTreeMap::new() };
    assert_eq!(reply.baggage, baggage, "{reply:?}");
}

fn row(headers: Headers, priority: i32) -> Row {
    Row { headers, priorities: [priority.into(); 5], is_whole: true }
}

#[tokio::test]
async fn default_styles_carry_every_field_in_both_directions() {
    let Some(mut fleet) = Fleet::shared().await else { return };
    let both = |low, priority| [datadog(low, priority), tracecontext(low, priority)].concat();
    let rows = [-1, 0, 1, 2].into_iter().zip(4_000_000..);
    let rows = rows.map(|(priority, low)| row(both(low, priority), priority)).collect();
    let names = ["baggage", "traceparent", "tracestate", "x-datadog-"];
    pass(&mut fleet, 4_000_000, rows, &names).await;
}

#[tokio::test]
async fn datadog_alone_carries_priority_origin_and_tags_in_both_directions() {
    let Some(mut fleet) = Fleet::with_style("datadog").await else { return };
    let rows = [-1, 0, 1, 2].into_iter().zip(1..);
    let rows = rows.map(|(priority, low)| row(datadog(low, priority), priority)).collect();
    pass(&mut fleet, 1, rows, &["x-datadog-"]).await;
}

#[tokio::test]
async fn tracecontext_alone_also_carries_members_of_other_vendors_in_both_directions() {
    let Some(mut fleet) = Fleet::with_style("tracecontext").await else { return };
    let rows = [-1, 0, 1, 2].into_iter().zip(1..);
    let rows = rows.map(|(priority, low)| row(tracecontext(low, priority), priority)).collect();
    pass(&mut fleet, 1, rows, &["traceparent", "tracestate"]).await;
}

#[tokio::test]
async fn b3multi_alone_carries_ids_and_priority_in_both_directions() {
    let Some(mut fleet) = Fleet::with_style("b3multi").await else { return };
    let rows = [("x-b3-sampled", "0", 0.0), ("x-b3-sampled", "1", 1.0), ("x-b3-flags", "1", 2.0)];
    let rows = rows.into_iter().zip(1..).map(|((name, value, priority), low)| Row {
        headers: b3multi(low, (name, value)),
        priorities: [priority; 5],
        is_whole: false,
    });
    pass(&mut fleet, 1, rows.collect(), &["x-b3-"]).await;
}

/// `d` is [debug](https://github.com/openzipkin/b3-propagation#debug-flag), in which a keep by hand travels. dd-trace reads
/// it, and writes `1` for every keep.
#[tokio::test]
async fn b3_alone_carries_ids_and_priority_in_both_directions() {
    let Some(mut fleet) = Fleet::with_style("b3").await else { return };
    let behind_node = [2.0, 2.0, 2.0, 2.0, 1.0];
    let rows = [("0", [0.0; 5]), ("1", [1.0; 5]), ("d", behind_node)].into_iter().zip(1..);
    let rows = rows.map(|((decision, priorities), low)| Row {
        headers: b3(low, decision),
        priorities,
        is_whole: false,
    });
    pass(&mut fleet, 1, rows.collect(), &["b3"]).await;
}

#[tokio::test]
async fn baggage_alone_arrives_in_traces_of_their_own() {
    let Some(mut fleet) = Fleet::with_style("baggage").await else { return };
    let mut hops = [(); 5].map(|()| Hop::default());
    hops[0] = Hop::default().with_baggage("plan", "pro & more");
    let replies = fleet.chain(ORDER, &[], hops).await;
    for reply in &replies[1..] {
        assert_arrived(reply, &["baggage"]);
    }
    let trace_ids: BTreeSet<_> = replies.iter().map(|reply| &reply.trace_id).collect();
    assert_eq!(trace_ids.len(), replies.len(), "{replies:?}");
}
