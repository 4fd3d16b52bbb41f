//! The member `ot` of `tracestate`: what is passed on, and what decisions of our own add.

use std::{collections::BTreeMap, time::Duration};

use packdog::{Config, config::options};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    env: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
    inject_first: bool,
    manual: Option<String>,
    expect: Option<String>,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "note")]
    _note: Option<String>,
}

/// Returns the injected `tracestate` of a local root to which the row applies.
fn injected(row: &Row) -> String {
    let is_option =
        |name: &String| options().any(|option| option.variables.contains(&name.as_str()));
    assert!(row.env.keys().all(is_option), "{}: not all are options", row.name);
    let (config, warnings) = Config::from_lookup(|name| row.env.get(name).cloned());
    assert!(warnings.is_empty(), "{}: {warnings:?}", row.name);
    let guard = config.build().unwrap();
    let tracer = guard.tracer();
    let span = tracer.span("hop").child_of(tracer.extract(&row.headers)).start();
    if row.inject_first {
        span.inject(&mut Vec::new());
    }
    match row.manual.as_deref() {
        Some("keep") => span.manual_keep(),
        Some("drop") => span.manual_drop(),
        other => assert_eq!(other, None, "{}", row.name),
    }
    let mut headers = BTreeMap::new();
    span.inject(&mut headers);
    guard.shutdown(Duration::ZERO);
    headers.remove("tracestate").unwrap()
}

#[test]
fn the_member_matches_the_vectors() {
    let rows: Vec<Row> =
        serde_json::from_str(include_str!("vectors/otel_tracestate.json")).unwrap();
    assert!(rows.len() >= 45, "only {} rows were read", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        let tracestate = injected(&row);
        let members: Vec<_> = tracestate.split(',').collect();
        let ours: Vec<_> = members.iter().filter_map(|member| member.strip_prefix("ot=")).collect();
        let second = members.get(1).and_then(|member| member.strip_prefix("ot="));
        let expected = row.expect.as_deref();
        if ours != expected.as_slice() || second != expected || !members[0].starts_with("dd=") {
            wrong.push(format!("{}: {tracestate:?}, not {expected:?}", row.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
