//! Counts how often recording allocates on the thread of the application. The numbers are the same on
//! every machine, so a span that allocates more often than before fails here.
//!
//! A program of its own, because its allocator counts all that the program allocates. What happens without a tracer is in `core/api/tests/dormant.rs`.

use std::hint::black_box;

use allocation_counter::measure;
use packdog::{
    Config, Guard, InitError,
    sampling::SamplingPriority,
    span::{SpanBuilder, SpanContext, SpanId, TraceId, current_ids},
};

const TAGS: [(&str, &str); 7] = [
    ("span.kind", "server"),
    ("component", "tower"),
    ("http.method", "GET"),
    ("http.route", "/users/{id}"),
    ("http.status_code", "200"),
    // These two do not fit in place.
    ("http.url", "http://users.example.com/users/42"),
    ("http.useragent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)"),
];

/// A tracer without an Agent: what it cannot deliver is none of the calling thread's business.
fn tracer() -> Result<Guard, InitError> {
    Config::new().with_service("users").with_agent_url("http://127.0.0.1:9").build()
}

/// Some calls also grow a list that they share with others; most do not.
fn fewest(mut operation: impl FnMut()) -> u64 {
    let counts = (0..20).map(|_| measure(&mut operation).count_total);
    counts.min().unwrap_or_default()
}

fn tagged(span: SpanBuilder, tags: &[(&'static str, &str)]) -> SpanBuilder {
    tags.iter().fold(span.resource("GET /users/{id}"), |span, (key, value)| span.tag(*key, *value))
}

#[test]
fn the_counter_sees_allocations() {
    assert_eq!(fewest(|| drop(black_box(Box::new(7)))), 1);
}

#[test]
fn a_root_span_allocates_its_state_itself_and_its_trace() {
    let guard = tracer().unwrap();
    let root = || tagged(guard.tracer().span("http.request"), &TAGS).in_scope(|_| ());
    assert_eq!(fewest(root), 3);
}

#[test]
fn a_child_allocates_its_state_and_itself() {
    let guard = tracer().unwrap();
    let root = guard.tracer().span("http.request").start();
    let child = || drop(tagged(root.child("users.load"), &TAGS[..3]).start());
    assert_eq!(fewest(child), 2);
}

#[test]
fn a_root_span_of_a_dropped_trace_also_keeps_the_context_that_it_continues() {
    let guard = tracer().unwrap();
    let context = SpanContext::new()
        .with_trace(TraceId::new(7).unwrap(), SpanId::new(9))
        .with_sampling_priority(SamplingPriority::AUTO_DROP);
    let span = || guard.tracer().span("http.request").child_of(&context);
    assert_eq!(fewest(|| tagged(span(), &TAGS).in_scope(|_| ())), 4);
}

#[test]
fn reading_the_current_span_and_its_ids_allocates_nothing() {
    let guard = tracer().unwrap();
    let span = guard.tracer().span("http.request").start();
    let _scope = span.enter();
    assert!(current_ids().is_some());
    assert_eq!(fewest(|| _ = black_box(current_ids())), 0);
    assert_eq!(fewest(|| drop(black_box(packdog::current_span()))), 0);
}
