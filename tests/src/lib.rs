//! What the tests need.

pub mod client_recorder;
pub mod echo;
pub mod peers;
pub mod recorder;
pub mod rust_service;

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
    #[doc = include_str!("../../core/src/recipes/server.md")]
    struct Server;
    #[doc = include_str!("../../core/src/recipes/tasks.md")]
    struct Tasks;
    #[doc = include_str!("../../core/src/recipes/tests.md")]
    struct Tests;
}
