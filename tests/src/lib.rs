//! Helpers of the suites: tracers whose spans are collected, peers in other languages, services.

use packdog::{
    Config, Tracer,
    http::HttpConfig,
    test_util::{CollectedSpan, Collector},
};

pub mod echo;
pub mod peers;
pub mod rust_service;

/// Returns a tracer of this service, and the collector of its spans.
pub fn start_tracer(service: &str) -> (Tracer, Collector) {
    of(&Config::new().with_service(service))
}

/// Returns a tracer of the service `users` with these settings of HTTP, and the collector of its
/// spans.
pub fn start_tracer_with(http: HttpConfig) -> (Tracer, Collector) {
    of(&Config::new().with_service("users").with_http(http))
}

fn of(config: &Config) -> (Tracer, Collector) {
    let collector = Collector::new(config);
    (collector.tracer().clone(), collector)
}

/// Returns the tags of a span that are texts.
pub fn texts(span: &CollectedSpan) -> Vec<(&str, &str)> {
    span.tags.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect()
}

/// Returns the tags of a span that are numbers.
pub fn numbers(span: &CollectedSpan) -> Vec<(&str, f64)> {
    span.tags.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_f64()?))).collect()
}

/// Returns the `traceparent` header of a request that this span sends and that is kept.
pub fn traceparent(span: &CollectedSpan) -> String {
    format!("00-{}-{}-01", span.trace_id, span.span_id)
}

/// The examples of the README, compiled and run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The recipes of the documentation, which use packages that stand above packdog.
#[cfg(doctest)]
mod recipes {
    #[doc = include_str!("../../core/src/recipes/baggage.md")]
    struct Baggage;
    #[doc = include_str!("../../core/src/recipes/client.md")]
    struct Client;
    #[doc = include_str!("../../core/src/recipes/from_ddtrace.md")]
    struct FromDdtrace;
    #[doc = include_str!("../../core/src/recipes/from_opentelemetry.md")]
    struct FromOpenTelemetry;
    #[doc = include_str!("../../core/src/recipes/from_tracing.md")]
    struct FromTracing;
    #[doc = include_str!("../../core/src/recipes/guards.md")]
    struct Guards;
    #[doc = include_str!("../../core/src/recipes/logs.md")]
    struct Logs;
    #[doc = include_str!("../../core/src/recipes/sampling.md")]
    struct Sampling;
    #[doc = include_str!("../../core/src/recipes/server.md")]
    struct Server;
    #[doc = include_str!("../../core/src/recipes/tasks.md")]
    struct Tasks;
    #[doc = include_str!("../../core/src/recipes/databases.md")]
    struct Databases;
    #[doc = include_str!("../../core/src/recipes/from_dd_trace_go.md")]
    struct FromDdTraceGo;
    #[doc = include_str!("../../core/src/recipes/from_sentry.md")]
    struct FromSentry;
    #[doc = include_str!("../../core/src/recipes/grpc.md")]
    struct Grpc;
    #[doc = include_str!("../../core/src/recipes/agent.md")]
    struct Agent;
    #[doc = include_str!("../../core/src/recipes/no_traces.md")]
    struct NoTraces;
    #[doc = include_str!("../../core/src/recipes/queues.md")]
    struct Queues;
    #[doc = include_str!("../../core/src/recipes/shutdown.md")]
    struct Shutdown;
    #[doc = include_str!("../../core/src/recipes/streaming.md")]
    struct Streaming;
    #[doc = include_str!("../../core/src/recipes/tests.md")]
    struct Tests;
}
