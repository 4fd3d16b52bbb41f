//! A processor sees, changes and drops finished traces, and its panics cost one trace each.

use std::{
    panic::panic_any,
    sync::{Mutex, mpsc},
};

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

#[test]
fn a_processor_may_flush_shut_down_and_drop_its_tracer() {
    let agent = FakeAgent::responding(|| 200);
    let (give, given) = mpsc::channel::<Tracer>();
    let given = Mutex::new(given);
    let (tell, told) = mpsc::channel();
    let config = Config::new().with_agent_url(agent.url()).with_processor(move |_| {
        let tracer = given.lock().unwrap().recv().unwrap();
        tell.send((tracer.flush(LONG), tracer.shutdown(LONG))).unwrap();
        Processed::Send
    });
    let (tracer, _) = start_with(&config, |_| {});
    drop(tracer.span("work").start());
    give.send(tracer).unwrap();
    let on_its_way = Report::new(0, 0, 1);
    assert_eq!(told.recv().unwrap(), (on_its_way, on_its_way));
    assert!(contains(&agent.request().body, "work"));
}

#[test]
fn spans_of_a_processor_are_bounded_and_counted() {
    const TRACES: u64 = 1000;

    let agent = FakeAgent::responding(|| 200);
    let (give, given) = mpsc::channel::<Tracer>();
    let given = Mutex::new(given);
    let config = Config::new().with_agent_url(agent.url()).with_processor(move |_| {
        if let Ok(tracer) = given.lock().unwrap().try_recv() {
            create(&tracer, TRACES as usize - 1);
        }
        Processed::Send
    });
    let (tracer, _) = start_with(&config, limits(|limits| limits.chunks = 10));
    give.send(tracer.clone()).unwrap();
    create(&tracer, 1);
    while tracer.metrics().waiting > 0 {
        tracer.flush(LONG);
    }
    let metrics = tracer.metrics();
    assert_eq!(metrics.finished, TRACES);
    assert_eq!(metrics.finished, metrics.sent + metrics.dropped.total());
    assert_eq!(metrics.dropped.queue_full, TRACES - 10);
}

#[test]
fn a_processor_that_does_not_return_holds_up_no_shutdown() {
    let agent = FakeAgent::responding(|| 200);
    let (enter, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let config = Config::new().with_agent_url(agent.url()).with_processor(move |_| {
        enter.send(()).unwrap();
        let _ = released.lock().unwrap().recv();
        Processed::Send
    });
    let (tracer, _) = start_with(&config, |_| {});
    let flush = tracer.clone();
    create(&tracer, 1);
    let flushing = thread::spawn(move || flush.flush(LONG));
    entered.recv().unwrap();
    create(&tracer, 4);
    assert_eq!(tracer.shutdown(Duration::ZERO), Report::new(0, 4, 1));
    assert_eq!(flushing.join().unwrap(), Report::new(0, 4, 1));
    drop(release);
}

#[test]
fn whatever_a_processor_sets_each_key_is_sent_once_and_in_bounds() {
    const LONGEST: usize = 25_000;

    let agent = FakeAgent::responding(|| 200);
    let config = Config::new().with_agent_url(agent.url()).with_processor(|trace| {
        trace.edit(usize::MAX, |span| span.set_name("nowhere"));
        trace.edit_all(|span| {
            for key in ["_sampling_priority_v1", "process_id", "_dd.top_level", "nan"] {
                span.set_tag(key, f64::NAN);
                span.set_tag(key, 9);
            }
            for key in ["_dd.p.dm", "_dd.p.tid", "language", "runtime-id", "service.name", ""] {
                span.set_tag(key, "first");
                span.set_tag(key, "mine");
            }
            span.set_tag("long", "x".repeat(1 << 20));
            span.set_name("");
            span.set_service("s".repeat(1 << 20));
            span.set_resource("r".repeat(1 << 20));
        });
        Processed::Send
    });
    let (tracer, _) = start_with(&config, |_| {});
    create(&tracer, 1);
    assert_eq!(tracer.flush(LONG), Report::new(1, 0, 0));
    let body = agent.request().body;
    for key in ["_sampling_priority_v1", "_dd.p.dm", "_dd.p.tid", "language", "runtime-id"] {
        assert_eq!(
            body.windows(key.len()).filter(|part| *part == key.as_bytes()).count(),
            1,
            "{key}"
        );
    }
    assert!(body.len() < 5 * LONGEST, "{}", body.len());
}
