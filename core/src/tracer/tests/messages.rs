//! Messages to the operator of the application: misuse, malformed headers, spans that stay
//! open, and the correlation of logs.

use super::*;

#[test]
fn misuse_and_malformed_headers_warn_once() {
    let agent = FakeAgent::responding(|| 200);
    let (tracer, written) = start(agent.url(), |_| {});
    for _ in 0..3 {
        tracer.extract(&vec![("traceparent", "00-nonsense"), ("x-datadog-trace-id", "-1")]);
        let span = tracer.span("work").start();
        span.finish();
        span.set_tag("too", "late");
    }
    assert_eq!(tracer.shutdown(LONG), Report::new(3, 0, 0));
    let mut lines = written.lines();
    lines.sort();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains("malformed traceparent header"), "{lines:?}");
    assert!(lines[1].contains("malformed x-datadog-trace-id header"), "{lines:?}");
    assert!(lines[2].contains("changed after it had finished"), "{lines:?}");
}

#[test]
fn a_span_that_stays_open_is_reported_with_the_place_that_created_it() {
    let agent = FakeAgent::responding(|| 200);
    let config = Config::new().with_unfinished_after(Some(Duration::ZERO));
    let (tracer, written) = start_with(&config.with_agent_url(agent.url()), |_| {});
    let forgotten = tracer.span("forgotten").start();
    create(&tracer, 1);
    tracer.shutdown(LONG);
    let lines = written.lines();
    assert!(
        lines.iter().any(|line| line.contains("forgotten") && line.contains(file!())),
        "{lines:?}"
    );
    drop(forgotten);
}

#[test]
fn log_correlation_has_the_settings_of_the_tracer() {
    let agent = FakeAgent::responding(|| 200);
    let config = Config::new().with_service("users").with_env("prod").with_agent_url(agent.url());
    let (tracer, _) = start_with(&config, |_| {});
    let _scope = tracer.enter();
    assert_eq!(crate::correlation::log_correlation().to_string(), "dd.service=users dd.env=prod");
    let span = tracer.span("work").start();
    let fields = span.in_scope(crate::correlation::log_correlation);
    let (trace_id, span_id) = (span.trace_id().unwrap(), span.span_id().unwrap().to_u64());
    let expected =
        format!("dd.trace_id={trace_id} dd.span_id={span_id} dd.service=users dd.env=prod");
    assert_eq!(fields.to_string(), expected);
}
