//! How much does recording cost: a span, a trace of ten, reading the active span, and nothing?

use std::{hint::black_box, process::ExitCode};

use fastrace::prelude::{Span as FastSpan, SpanContext as FastContext};
use opentelemetry::{
    Context, KeyValue,
    trace::{Span, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::SdkTracerProvider;
use packdog_bench::{Case, Goal, Operation, Peer, Step, peers, peers::Sent, run};

const TAGS: [(&str, &str); 7] = [
    ("span.kind", "server"),
    ("component", "tower"),
    ("http.method", "GET"),
    ("http.url", "http://users.example.com/users/42"),
    ("http.route", "/users/{id}"),
    ("http.status_code", "200"),
    ("http.useragent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)"),
];
/// Spans below the root in a trace of ten, each with so many of the tags.
const CHILDREN: usize = 9;
const TAGS_OF_CHILD: usize = 3;

fn main() -> ExitCode {
    run(&[
        Operation {
            name: "root span with 7 tags, encoded and sent",
            bare: None,
            ours: Case { name: "packdog", start: |agent| trace(agent, 0) },
            max_instructions: None,
            max_allocations: None,
            peers: vec![
                Peer::new("datadog-opentelemetry", |agent| datadog_trace(agent, 0))
                    .with_goal(Goal::Calling(1.0 / 5.0))
                    .with_goal(Goal::All(1.0 / 7.0)),
                Peer::new("fastrace, null reporter", |_| fastrace_trace(0))
                    .with_goal(Goal::Calling(1.0))
                    .with_goal(Goal::All(0.8)),
                Peer::new("opentelemetry, null exporter", |_| {
                    opentelemetry_trace(peers::opentelemetry(), 0)
                }),
            ],
        },
        Operation {
            name: "trace of 10 spans, encoded and sent",
            bare: None,
            ours: Case { name: "packdog", start: |agent| trace(agent, CHILDREN) },
            max_instructions: None,
            max_allocations: None,
            peers: vec![
                Peer::new("datadog-opentelemetry", |agent| datadog_trace(agent, CHILDREN))
                    .with_goal(Goal::All(1.0 / 8.0)),
                Peer::new("fastrace, null reporter", |_| fastrace_trace(CHILDREN))
                    .with_goal(Goal::All(0.9)),
                Peer::new("opentelemetry, null exporter", |_| {
                    opentelemetry_trace(peers::opentelemetry(), CHILDREN)
                }),
            ],
        },
        Operation {
            name: "read the active span",
            bare: None,
            ours: Case { name: "packdog", start: active },
            max_instructions: None,
            max_allocations: Some(0.0),
            peers: vec![
                Peer::new("opentelemetry", |_| opentelemetry_active())
                    .with_goal(Goal::Calling(1.5)),
            ],
        },
        Operation {
            name: "a span with a tag while tracing is disabled",
            bare: None,
            ours: Case { name: "packdog", start: |_| Box::new(disabled) },
            max_instructions: Some(40.0),
            max_allocations: Some(0.0),
            peers: vec![Peer::new("datadog-opentelemetry", |_| datadog_disabled())],
        },
    ])
}

fn trace(agent: &str, children: usize) -> Step {
    let packdog = peers::packdog(agent);
    Box::new(move || {
        let mut builder = packdog.tracer().span("http.request").resource("GET /users/{id}");
        for (key, value) in TAGS {
            builder = builder.tag(key, value);
        }
        builder.in_scope(|root| {
            for _ in 0..children {
                let mut child = root.child("users.load");
                for (key, value) in &TAGS[..TAGS_OF_CHILD] {
                    child = child.tag(*key, *value);
                }
                drop(child.start());
            }
        });
    })
}

fn datadog_trace(agent: &str, children: usize) -> Step {
    opentelemetry_trace(peers::datadog_opentelemetry(agent), children)
}

fn opentelemetry_trace(provider: Sent<SdkTracerProvider>, children: usize) -> Step {
    let tracer = provider.tracer("bench");
    let attributes =
        |count: usize| TAGS[..count].iter().map(|(key, value)| KeyValue::new(*key, *value));
    Box::new(move || {
        let _until_the_end = &provider;
        let root = tracer.span_builder("http.request").with_attributes(attributes(TAGS.len()));
        let context = Context::new().with_span(root.start(&tracer));
        for _ in 0..children {
            let child =
                tracer.span_builder("users.load").with_attributes(attributes(TAGS_OF_CHILD));
            drop(child.start_with_context(&tracer, &context));
        }
        context.span().end();
    })
}

fn fastrace_trace(children: usize) -> Step {
    let sent = peers::fastrace();
    Box::new(move || {
        let _until_the_end = &sent;
        let root = FastSpan::root("http.request", FastContext::random()).with_properties(|| TAGS);
        for _ in 0..children {
            let child = FastSpan::enter_with_parent("users.load", &root);
            drop(child.with_properties(|| TAGS[..TAGS_OF_CHILD].iter().copied()));
        }
    })
}

fn active(agent: &str) -> Step {
    let packdog = peers::packdog(agent);
    let span = packdog.tracer().span("http.request").start();
    let scope = span.enter();
    Box::new(move || {
        let _until_the_end = (&packdog, &span, &scope);
        black_box(packdog::current_span().is_recording());
    })
}

fn opentelemetry_active() -> Step {
    let provider = peers::opentelemetry();
    let span = provider.tracer("bench").start("http.request");
    let guard = Context::new().with_span(span).attach();
    Box::new(move || {
        let _until_the_end = (&provider, &guard);
        black_box(Context::map_current(|context| context.span().is_recording()));
    })
}

fn disabled() {
    packdog::span("http.request").in_scope(|span| {
        black_box(span).set_tag("http.method", "GET");
    });
}

fn datadog_disabled() -> Step {
    let provider = peers::disabled_datadog_opentelemetry();
    let tracer = provider.tracer("bench");
    Box::new(move || {
        let _until_the_end = &provider;
        let mut span = tracer.start("http.request");
        black_box(&mut span).set_attribute(KeyValue::new("http.method", "GET"));
    })
}
