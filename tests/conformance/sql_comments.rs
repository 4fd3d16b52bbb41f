//! Comments of SQL statements, byte for byte as ddtrace writes them.

use packdog::{
    Config, Span,
    sampling::SamplingPriority,
    span::{SpanContext, SpanId, TraceId},
    sql::{PropagationMode, with_comment},
    test_util::collect_with,
};
use packdog_tests::peers::{SqlComment, sql_comments};
use serde_json::json;

/// Service, environment, version; the span's service; tags.
type Row = (
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
    &'static [(&'static str, &'static str)],
);

#[rustfmt::skip]
const TABLE: [Row; 5] = [
    ("users",     None,            None,           "users",     &[]),
    ("users",     Some("prod"),    Some("1.2.3"),  "users-db",  &[("db.name", "accounts"), ("out.host", "10.1.2.3")]),
    ("users db",  Some("p' */ -"), Some("1/2~_."), "users,db",  &[("peer.service", "a=b&c"), ("out.host", "::1")]),
    ("ü%25",      Some("日本"),     None,           "\"x\\",    &[("db.name", ""), ("peer.service", "+ !*()")]),
    ("a",         Some("é\n"),     Some("0"),      "b;c:d@e",   &[("db.name", "#?[]{}|^`<>$")]),
];

const MODES: [PropagationMode; 2] = [PropagationMode::Service, PropagationMode::Full];
const PRIORITIES: [SamplingPriority; 4] = [
    SamplingPriority::USER_DROP,
    SamplingPriority::AUTO_DROP,
    SamplingPriority::AUTO_KEEP,
    SamplingPriority::USER_KEEP,
];

fn ours(
    row: &Row,
    mode: PropagationMode,
    priority: SamplingPriority,
) -> (serde_json::Value, SqlComment) {
    let (service, env, version, span_service, tags) = *row;
    let mut config = Config::new().with_service(service).with_sql_comments(mode);
    config = match env {
        Some(env) => config.with_env(env),
        None => config,
    };
    config = match version {
        Some(version) => config.with_version(version),
        None => config,
    };
    let (_collector, _scope) = collect_with(&config);
    let parent = SpanContext::new()
        .with_trace(
            TraceId::new(0x6b08_3211_0000_0000_3995_3558_966d_4b98).unwrap(),
            SpanId::new(1),
        )
        .with_sampling_priority(priority);
    let span = packdog::span("query").service(span_service).child_of(parent).start();
    for (name, value) in tags {
        span.set_tag(*name, *value);
    }
    let theirs = json!({
        "service": service, "env": env, "version": version, "span_service": span_service,
        "mode": mode.to_string(), "priority": priority.to_i32(),
        "trace_id": span.trace_id().unwrap().to_string(), "span_id": span.span_id().unwrap().to_string(),
        "tags": tags.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
    });
    (theirs, comment(&span))
}

fn comment(span: &Span) -> SqlComment {
    let statement = with_comment("SELECT 1", span);
    let text = statement.strip_suffix("SELECT 1").unwrap().to_owned();
    let injected = span.tag("_dd.dbm_trace_injected");
    SqlComment { text, injected: injected.and_then(|tag| Some(tag.as_str()?.to_owned())) }
}

#[test]
fn comments_are_those_of_ddtrace_in_each_mode_and_for_each_decision() {
    let mut cases = Vec::new();
    for row in &TABLE {
        for mode in MODES {
            cases.extend(PRIORITIES.map(|priority| ours(row, mode, priority)));
        }
    }
    let (spans, ours) = cases.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
    let Some(theirs) = sql_comments(&spans.into()).unwrap() else { return };
    assert_eq!(ours.len(), 40);
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.len(), theirs.len());
}
