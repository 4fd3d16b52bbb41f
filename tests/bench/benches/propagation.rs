//! How much do headers cost: eight of twenty read, and the same eight written?

use std::{hint::black_box, process::ExitCode};

use http::HeaderMap;
use opentelemetry::{
    Context,
    trace::{TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use packdog::propagation::Propagator;
use packdog_bench::{Case, Goal, Operation, Peer, Step, peers, request, run};

/// The only other implementation of Datadog's headers in Rust.
const THEIRS: &str = "datadog-opentelemetry";

fn main() -> ExitCode {
    run(&[
        Operation {
            name: "extract 8 trace headers among 20",
            bare: None,
            ours: Case { name: "packdog", start: extract },
            max_instructions: None,
            max_allocations: Some(1.0),
            peers: vec![Peer::new(THEIRS, peer_extract).with_goal(Goal::Calling(1.0 / 12.0))],
        },
        Operation {
            name: "inject the same",
            bare: None,
            ours: Case { name: "packdog", start: inject },
            max_instructions: None,
            max_allocations: Some(3.0),
            peers: vec![Peer::new(THEIRS, peer_inject).with_goal(Goal::Calling(1.0 / 4.0))],
        },
    ])
}

fn extract(_: &str) -> Step {
    let (propagator, headers) = (Propagator::default(), request::headers());
    Box::new(move || drop(black_box(propagator.extract(&headers))))
}

fn inject(agent: &str) -> Step {
    let packdog = peers::packdog(agent);
    let context = packdog.tracer().extract(&request::headers());
    let span = packdog.tracer().span("http.request").child_of(context).start();
    Box::new(move || {
        let _until_the_end = &packdog;
        let mut headers = HeaderMap::new();
        span.inject(&mut headers);
        black_box(headers);
    })
}

fn peer_extract(agent: &str) -> Step {
    let provider = peers::datadog_opentelemetry(agent);
    let headers = request::headers();
    Box::new(move || {
        let _until_the_end = &provider;
        drop(black_box(received(&headers)));
    })
}

fn peer_inject(agent: &str) -> Step {
    let provider = peers::datadog_opentelemetry(agent);
    let parent = received(&request::headers());
    let span = provider.tracer("bench").start_with_context("http.request", &parent);
    let context = parent.with_span(span);
    Box::new(move || {
        let _until_the_end = &provider;
        let mut headers = HeaderMap::new();
        opentelemetry::global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&context, &mut HeaderInjector(&mut headers));
        });
        black_box(headers);
    })
}

fn received(headers: &HeaderMap) -> Context {
    opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers))
    })
}
