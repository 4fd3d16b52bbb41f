//! The address of the client behind proxies, as Datadog's tracers find it.

use http::{HeaderMap, HeaderName, HeaderValue};
use packdog::Config;
use serde::Deserialize;

/// A row of `client_ip.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    env: std::collections::BTreeMap<String, String>,
    headers: Vec<(String, String)>,
    peer: String,
    expect: Option<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[test]
fn the_client_is_found_behind_proxies() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("vectors/client_ip.json")).unwrap();
    assert!(rows.len() >= 29, "only {} rows", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        let (config, warnings) = Config::from_lookup(|name| row.env.get(name).cloned());
        assert!(warnings.is_empty(), "{warnings:?}");
        let mut headers = HeaderMap::new();
        for (name, value) in &row.headers {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let found = config.http().client_ip.find(&headers, row.peer.parse().unwrap());
        let found = found.map(|address| address.to_string());
        if found != row.expect {
            wrong.push(format!("{}: {found:?}, not {:?}", row.name, row.expect));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
