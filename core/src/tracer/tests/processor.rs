//! A processor sees, changes and drops finished traces, and its panics cost one trace each.

use std::{panic::panic_any, sync::Mutex};

use super::*;
use crate::processor::Processed;

fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_processor_redacts_tags_and_drops_traces() {
    let agent = FakeAgent::responding(|| 200);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let names = Arc::clone(&seen);
    let config = Config::new().with_agent_url(agent.url()).with_processor(move |trace| {
        let of_trace = trace.spans().map(|span| span.name().to_owned()).collect::<Vec<_>>();
        names.lock().unwrap().push(of_trace);
        if trace.spans().any(|span| span.resource() == "GET /health") {
            return Processed::Drop;
        }
        trace.edit_all(|span| {
            span.map_texts(|_, text| text.contains("secret").then(|| "<redacted>".to_owned()));
            span.remove_tag("gone");
            span.set_tag("added", 1);
        });
        Processed::Send
    });
    let (tracer, written) = start_with(&config, |_| {});
    let handle = tracer.span("kept").tag("query", "secret=1").tag("gone", "sensitive").start();
    drop(handle.child("child").start());
    handle.finish();
    drop(tracer.span("dropped").resource("GET /health").start());
    assert_eq!(tracer.shutdown(LONG), Report::new(2, 1, 0));
    assert_eq!(*seen.lock().unwrap(), [vec!["kept", "child"], vec!["dropped"]]);
    let body = agent.request().body;
    assert!(contains(&body, "<redacted>") && contains(&body, "added"));
    assert!(!contains(&body, "secret") && !contains(&body, "sensitive"));
    assert!(!contains(&body, "GET /health"));
    assert_eq!(tracer.metrics().dropped.processor, 1);
    assert_eq!(written.lines(), [""; 0]);
}

/// A payload of a panic that cannot be dropped without another one.
struct PanicsAgain;

impl Drop for PanicsAgain {
    fn drop(&mut self) {
        panic_any(Self);
    }
}

#[test]
fn a_processor_that_panics_costs_that_trace_alone() {
    let agent = FakeAgent::responding(|| 200);
    let config = Config::new().with_agent_url(agent.url()).with_processor(|trace| {
        assert!(trace.spans().all(|span| span.name() != "bad"), "a bad trace");
        if trace.spans().any(|span| span.name() == "worse") {
            panic_any(PanicsAgain);
        }
        Processed::Send
    });
    let (tracer, written) = start_with(&config, |_| {});
    for name in ["good", "bad", "good", "worse"] {
        drop(tracer.span(name).start());
    }
    assert_eq!(tracer.flush(LONG), Report::new(2, 2, 0));
    assert_eq!(tracer.metrics().dropped.processor_panicked, 2);
    let lines = written.lines();
    assert_eq!(lines, ["packdog: the processor panicked, and its trace of 1 span is lost"]);
}
