//! `tracer.flush()`, `tracer.shutdown(timeout)`: with a deadline, and a report of the outcome of
//! the spans. Off means off.

use std::time::Duration;

use http::HeaderMap;
use packdog::{Config, Guard, InSpanExt, current_span};
use packdog_dev_agent::DevAgent;

/// Far longer than a local Agent takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn tracer_for(agent: &DevAgent) -> Guard {
    let config = Config::new().with_service("kitchen").with_agent_url(agent.url());
    config.build().unwrap()
}

fn names(agent: &DevAgent) -> Vec<String> {
    let traces = agent.traces();
    traces.iter().flat_map(|trace| trace.spans()).map(|span| span.name.clone()).collect()
}

#[test]
fn a_flush_sends_and_reports_all_that_has_finished() {
    let agent = DevAgent::start().unwrap();
    let packdog = tracer_for(&agent);
    let open = packdog.tracer().span("open").start();
    packdog.tracer().span("finished").in_scope(|_| ());
    let report = packdog.flush(PATIENCE);
    assert_eq!((report.sent, report.dropped, report.queued), (1, 0, 0));
    assert_eq!(names(&agent), ["finished"]);
    open.finish();
    assert_eq!(packdog.flush(PATIENCE).sent, 2);
}

#[tokio::test]
async fn the_asynchronous_versions_block_no_thread() {
    let agent = DevAgent::start().unwrap();
    let packdog = tracer_for(&agent);
    async {}.in_span(packdog.tracer().span("flushed")).await;
    assert_eq!(packdog.tracer().flush_async(PATIENCE).await.sent, 1);
    packdog.tracer().span("shut down").in_scope(|_| ());
    assert_eq!(packdog.tracer().shutdown_async(PATIENCE).await.sent, 2);
    assert_eq!(names(&agent), ["flushed", "shut down"]);
}

#[test]
fn a_flush_ends_at_its_deadline_and_reports_the_rest() {
    let agent = DevAgent::start().unwrap();
    agent.hold();
    let packdog = tracer_for(&agent);
    packdog.tracer().span("held").in_scope(|_| ());
    let report = packdog.flush(Duration::from_millis(1));
    assert_eq!((report.sent, report.is_complete()), (0, false));
    agent.release();
    assert!(packdog.flush(PATIENCE).is_complete());
}

#[test]
fn after_shutdown_calls_do_nothing_and_handles_still_work() {
    let agent = DevAgent::start().unwrap();
    let packdog = tracer_for(&agent);
    let early = packdog.tracer().span("early").start();
    early.finish();
    assert!(packdog.shutdown(PATIENCE).is_complete());
    packdog.tracer().span("late").in_scope(|late| {
        late.set_tag("key", "value");
        assert!(!late.is_recording());
    });
    assert!(early.span_id().is_some());
    assert_eq!(names(&agent), ["early"]);
}

#[test]
fn off_means_off() {
    let (config, _) =
        Config::from_lookup(|name| (name == "DD_TRACE_ENABLED").then(|| "false".to_owned()));
    let packdog = config.build().unwrap();
    let _scope = packdog.tracer().enter();
    packdog::span("unseen").in_scope(|unseen| {
        unseen.set_tag("key", "value");
        unseen.baggage().set("plan", "pro");
        assert!(unseen.is_nothing() && current_span().is_nothing());
        let mut headers = HeaderMap::new();
        packdog::propagation::inject(&mut headers);
        assert!(headers.is_empty());
    });
    assert!(packdog.flush(PATIENCE).is_complete());
}
