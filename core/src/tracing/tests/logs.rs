//! JSON log lines, and the fields in them.

use std::{
    io,
    sync::{Arc, Mutex},
};

use ::tracing::{info, info_span};
use serde_json::{Value, json};
use tracing_subscriber::{fmt, prelude::*};

use super::{collector, traces_with};
use crate::{
    Span,
    correlation::LogCorrelation,
    current_span, span,
    span::{SpanContext, SpanId, TraceId},
    tracing::{CorrelatedJson, CorrelatedText, layer},
};

/// The logged bytes.
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

fn correlation() -> LogCorrelation {
    LogCorrelation::new().with_service("users").with_env("prod").with_version("1.2 \"beta\"")
}

/// The lines that the application logs, as JSON.
fn logged(correlation: LogCorrelation, application: impl FnOnce()) -> Vec<Value> {
    let log = Log::default();
    let writer = log.clone();
    let logs = fmt::layer()
        .json()
        .without_time()
        .with_target(false)
        .map_event_format(|json| CorrelatedJson::new(json, correlation))
        .with_writer(move || writer.clone());
    traces_with(layer().and_then(logs), application);
    let log = log.0.lock().unwrap();
    log.split_inclusive(|byte| *byte == b'\n')
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn ids(span: &Span) -> (String, String) {
    (span.trace_id().unwrap().to_string(), span.span_id().unwrap().to_u64().to_string())
}

#[test]
fn each_line_names_the_current_span_and_the_service() {
    let mut expected = Vec::new();
    let lines = logged(correlation(), || {
        let _theirs = info_span!("theirs", plan = "pro").entered();
        let mut log = |name: &str| {
            expected.push((name.to_owned(), ids(&current_span())));
            info!("{name}");
        };
        log("in theirs");
        span("ours").in_scope(|_| log("in ours"));
    });
    assert_eq!(expected[0].1.0, expected[1].1.0);
    assert_ne!(expected[0].1.1, expected[1].1.1);
    let expected = expected.iter().map(|(name, (trace_id, span_id))| {
        json!({
            "dd.trace_id": trace_id,
            "dd.span_id": span_id,
            "dd.service": "users",
            "dd.env": "prod",
            "dd.version": "1.2 \"beta\"",
            "level": "INFO",
            "fields": {"message": name},
            "span": {"name": "theirs", "plan": "pro"},
            "spans": [{"name": "theirs", "plan": "pro"}],
        })
    });
    assert_eq!(lines, expected.collect::<Vec<_>>());
}

#[test]
fn without_a_span_there_are_no_ids() {
    let lines = logged(LogCorrelation::new().with_env("prod"), || info!("alone"));
    let expected = json!({"dd.env": "prod", "level": "INFO", "fields": {"message": "alone"}});
    assert_eq!(lines, [expected]);
}

#[test]
fn nothing_known_leaves_the_line_as_it_is() {
    let lines = logged(LogCorrelation::new(), || info!("alone"));
    assert_eq!(lines, [json!({"level": "INFO", "fields": {"message": "alone"}})]);
}

#[test]
fn an_event_names_its_parent_or_else_the_current_span() {
    let (mut named_id, mut current_id) = (String::new(), String::new());
    let lines = logged(correlation(), || {
        let named = info_span!("named");
        let disabled = ::tracing::Span::none();
        named_id = named.in_scope(|| ids(&current_span()).1);
        span("current").in_scope(|span| {
            current_id = ids(span).1;
            info!(parent: &named, "named");
            info!(parent: &disabled, "disabled");
            info!(parent: None, "alone");
        });
    });
    let written = lines.iter().map(|line| line["dd.span_id"].as_str().unwrap());
    assert_eq!(written.collect::<Vec<_>>(), [&named_id, &current_id, &current_id]);
}

#[test]
fn text_lines_begin_with_the_fields() {
    let log = Log::default();
    let writer = log.clone();
    let mut expected = String::new();
    let logs = fmt::layer()
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .map_event_format(|text| CorrelatedText::new(text, LogCorrelation::new().with_env("prod")))
        .with_writer(move || writer.clone());
    traces_with(layer().and_then(logs), || {
        span("ours").in_scope(|span| {
            let (trace_id, span_id) = ids(span);
            expected =
                format!("[dd.trace_id={trace_id} dd.span_id={span_id} dd.env=prod]  INFO in\n");
            info!("in");
        });
        info!("out");
    });
    expected += "[dd.env=prod]  INFO out\n";
    assert_eq!(String::from_utf8(log.0.lock().unwrap().clone()).unwrap(), expected);
}

#[test]
fn text_lines_stay_as_they_are_where_nothing_is_known() {
    let log = Log::default();
    let writer = log.clone();
    let logs = fmt::layer()
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .map_event_format(|text| CorrelatedText::new(text, LogCorrelation::new()))
        .with_writer(move || writer.clone());
    traces_with(layer().and_then(logs), || info!("out"));
    assert_eq!(log.0.lock().unwrap().as_slice(), b" INFO out\n");
}

#[test]
fn trace_ids_are_hex_only_if_128_bit_ids_are_wanted() {
    const WIDE: u128 = 0x6710_0001_0000_0000_0000_0000_0000_000a;
    let _tracer = collector().tracer().enter();
    #[rustfmt::skip]
    let table = [
        // id     128-bit wanted   trace id
        (WIDE,    true,            "6710000100000000000000000000000a"),
        (WIDE,    false,           "10"),
        (10,      true,            "10"),
        (10,      false,           "10"),
        (1 << 64, true,            "00000000000000010000000000000000"),
        (1 << 64, false,           "0"),
    ];
    for (id, is_wanted, expected) in table {
        let context = SpanContext::new().with_trace(TraceId::new(id).unwrap(), SpanId::new(11));
        let correlation = correlation().with_128_bit_trace_ids(is_wanted);
        let fields = Span::passing(context).in_scope(|| correlation.fields());
        assert_eq!(fields.get("dd.trace_id").unwrap().to_string(), expected, "{id:x}");
        assert_eq!(fields.get("dd.span_id").unwrap().to_string(), "11");
    }
}

#[test]
fn fields_are_text_for_other_loggers() {
    let _tracer = collector().tracer().enter();
    let context = SpanContext::new().with_trace(TraceId::new(10).unwrap(), SpanId::new(11));
    let fields = correlation().fields_of(&Span::passing(context));
    assert_eq!(
        fields.to_string(),
        "dd.trace_id=10 dd.span_id=11 dd.service=users dd.env=prod dd.version=1.2 \"beta\""
    );
}
