//! `ddtrace-run` and log correlation: code that knows only the `tracing` crate.

use std::{
    io,
    sync::{Arc, Mutex},
};

use packdog::{
    correlation::LogCorrelation,
    span,
    test_util::{Collector, collect},
    tracing::{CorrelatedJson, layer},
};
use serde_json::Value;
use tracing_subscriber::{fmt, prelude::*, registry};

/// A buffer for log lines.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A library that knows nothing of Datadog.
#[tracing::instrument(fields(rows))]
fn query(table: &str) {
    tracing::Span::current().record("rows", 3);
    span("ours.inside").in_scope(|_| tracing::info!("reading"));
    tracing::error!("lost the connection");
}

#[test]
fn spans_of_both_kinds_are_one_tree() {
    let (collector, _scope) = collect();
    let subscriber = registry().with(layer());
    tracing::subscriber::with_default(subscriber, || span("ours").in_scope(|_| query("orders")));
    let expected = "\
ours  service=test
└─ query  error  table=orders  rows=3
   └─ ours.inside
";
    assert_eq!(collector.picture_with_tags(&["table", "rows"]), expected);
    assert_eq!(collector.span("query").text("error.message"), Some("lost the connection"));
}

/// The lines that `application` logs.
fn logged(application: impl FnOnce()) -> Vec<Value> {
    let log = Log::default();
    let writer = log.clone();
    let correlation =
        LogCorrelation::new().with_service("test").with_env("prod").with_version("1.2");
    let logs = fmt::layer()
        .json()
        .with_writer(move || writer.clone())
        .map_event_format(|json| CorrelatedJson::new(json, correlation));
    tracing::subscriber::with_default(registry().with(layer()).with(logs), application);
    let bytes = log.0.lock().unwrap();
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

fn assert_names_span(line: &Value, collector: &Collector, name: &str) {
    let span = collector.span(name);
    assert_eq!(line["dd.trace_id"], span.trace_id.to_string(), "{line}");
    assert_eq!(line["dd.span_id"], span.span_id.to_u64().to_string(), "{line}");
    let of_service = ["dd.service", "dd.env", "dd.version"].map(|key| line[key].as_str());
    assert_eq!(of_service, [Some("test"), Some("prod"), Some("1.2")], "{line}");
}

#[test]
fn each_log_line_names_the_span_in_which_it_was_written() {
    let (collector, _scope) = collect();
    let lines = logged(|| span("ours").in_scope(|_| query("orders")));
    let [inside, query] = lines.as_slice() else { panic!("{lines:?}") };
    assert_names_span(inside, &collector, "ours.inside");
    assert_names_span(query, &collector, "query");
}
