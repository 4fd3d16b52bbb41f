//! Secrets in query strings, as Datadog's tracers redact them, in URLs of servers and of clients.

use packdog::{Config, http::HttpConfig};
use packdog_http::url_with_query;
use serde::Deserialize;

/// A row of `query_obfuscation.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    url: String,
    regexp: Option<String>,
    expect: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "note")]
    _note: Option<String>,
}

/// A URL of these rows: they have no fragment and no user info.
fn redacted(
    url: &str,
    redact: impl for<'q> Fn(Option<&'q str>) -> Option<std::borrow::Cow<'q, str>>,
) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, path_and_query) = rest.split_at(rest.find('/').unwrap());
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    url_with_query(scheme, authority, path, redact(query).as_deref())
}

#[test]
fn secrets_are_redacted_on_both_sides() {
    let rows: Vec<Row> =
        serde_json::from_str(include_str!("vectors/query_obfuscation.json")).unwrap();
    assert!(rows.len() >= 40, "only {} rows", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        let (config, warnings) = Config::from_lookup(|name| {
            let is_pattern = name == "DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP";
            row.regexp.clone().filter(|_| is_pattern)
        });
        assert_eq!(warnings.is_empty(), row.regexp.as_deref() != Some("(unclosed"));
        let http = config.http();
        for url in [
            redacted(&row.url, |query| http.server_query(query)),
            redacted(&row.url, |query| http.client_query(query)),
        ] {
            if url != row.expect {
                wrong.push(format!("{}: {url}\n  not {}", row.name, row.expect));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_side_that_shows_no_queries_shows_none() {
    let config = |variable: &str, value: &str| {
        Config::from_lookup(|name| (name == variable).then(|| value.to_owned())).0
    };
    let shown = |http: &HttpConfig| {
        let query = Some("a=1");
        (http.server_query(query).is_some(), http.client_query(query).is_some())
    };
    #[rustfmt::skip]
    let table = [
        // variable                                   value    server  client
        ("DD_HTTP_SERVER_TAG_QUERY_STRING",           "false", (false, true)),
        ("DD_TRACE_HTTP_SERVER_TAG_QUERY_STRING",     "0",     (false, true)),
        ("DD_TRACE_HTTP_URL_QUERY_STRING_DISABLED",   "true",  (false, true)),
        ("DD_TRACE_HTTP_URL_QUERY_STRING_DISABLED",   "false", (true,  true)),
        ("DD_TRACE_HTTP_CLIENT_TAG_QUERY_STRING",     "false", (true,  false)),
    ];
    for (variable, value, expected) in table {
        assert_eq!(shown(config(variable, value).http()), expected, "{variable}={value}");
    }
}
