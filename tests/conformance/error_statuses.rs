//! Lists of statuses that are errors, as Datadog's tracers read them.

use http::StatusCode;
use packdog::Config;
use serde::Deserialize;

/// A row of `tags_parsing.json`.
#[derive(Deserialize)]
struct Row {
    op: String,
    name: String,
    input: String,
    status: Option<u16>,
    is_error: Option<bool>,
}

#[test]
fn listed_statuses_are_errors_on_both_sides() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("vectors/tags_parsing.json")).unwrap();
    let rows: Vec<_> = rows.into_iter().filter(|row| row.op == "error_statuses").collect();
    assert!(rows.len() >= 10, "only {} rows", rows.len());
    for row in rows {
        let (config, _) = Config::from_lookup(|name| {
            (name == "DD_TRACE_HTTP_SERVER_ERROR_STATUSES").then(|| row.input.clone())
        });
        let status = StatusCode::from_u16(row.status.unwrap()).unwrap();
        let is_error = config.http().server_error_statuses.contains(status);
        assert_eq!(is_error, row.is_error.unwrap(), "{}: {} {status}", row.name, row.input);
    }
}

#[test]
fn entries_that_are_no_statuses_are_warned_about() {
    let warning = |text: &str| {
        let (_, warnings) = Config::from_lookup(|name| {
            (name == "DD_TRACE_HTTP_CLIENT_ERROR_STATUSES").then(|| text.to_owned())
        });
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    const NAME: &str = "DD_TRACE_HTTP_CLIENT_ERROR_STATUSES";
    #[rustfmt::skip]
    let table = [
        // list         warning
        ("400-499",     None),
        ("400,x,404",   Some(format!("{NAME} \"400,x,404\" has unknown entries (x); using 400,404. Correct these entries, or remove them."))),
        ("x",           Some(format!("{NAME} \"x\" has unknown entries (x); using 400-499. Correct these entries, or remove them."))),
    ];
    for (list, expected) in table {
        assert_eq!(warning(list), Vec::from_iter(expected), "{list}");
    }
}
