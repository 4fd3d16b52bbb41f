//! Recipes for common tasks of services.
//!
//! These modules contain only documentation.
//!
//! | to | read |
//! |---|---|
//! | trace a server, and tag its spans in handlers | [`server`] |
//! | trace calls to other services | [`client`] |
//! | keep the span across tasks, threads and streams | [`tasks`] |
//! | keep the span across an `.await` | [`guards`] |
//! | send data with a request through all services | [`baggage`] |
//! | keep some traces and drop others | [`sampling`] |
//! | find the logs of a trace | [`logs`] |
//! | trace databases, caches and other clients | [`databases`] |
//! | continue a trace through a queue | [`queues`] |
//! | trace gRPC | [`grpc`] |
//! | trace WebSockets and server-sent events | [`streaming`] |
//! | send the last spans before the process ends | [`shutdown`] |
//! | test your own spans | [`tests`] |
//! | get a Datadog Agent, and tell the service where it is | [`agent`] |
//! | find out why no traces arrive | [`no_traces`] |
//! | migrate from another tracer | [`from_ddtrace`], [`from_dd_trace_go`], [`from_opentelemetry`], [`from_sentry`], [`from_tracing`] |
//!
//! Examples that call `collect()` from `test_util` (feature `test-util`) check what is recorded; a
//! service calls [`packdog::init()`](crate::init) instead.
//!
//! The example `sandwich` in the repository uses every call: `cargo run --bin sandwich`.

#[doc = include_str!("server.md")]
pub mod server {}

#[doc = include_str!("client.md")]
pub mod client {}

#[doc = include_str!("tasks.md")]
pub mod tasks {}

#[doc = include_str!("guards.md")]
#[doc = "```toml"]
#[doc = include_str!("guards.clippy.toml")]
#[doc = "```"]
pub mod guards {}

#[doc = include_str!("baggage.md")]
pub mod baggage {}

#[doc = include_str!("sampling.md")]
pub mod sampling {}

#[doc = include_str!("logs.md")]
pub mod logs {}

#[doc = include_str!("tests.md")]
pub mod tests {}

#[doc = include_str!("databases.md")]
pub mod databases {}

#[doc = include_str!("queues.md")]
pub mod queues {}

#[doc = include_str!("grpc.md")]
pub mod grpc {}

#[doc = include_str!("streaming.md")]
pub mod streaming {}

#[doc = include_str!("shutdown.md")]
pub mod shutdown {}

#[doc = include_str!("agent.md")]
pub mod agent {}

#[doc = include_str!("no_traces.md")]
pub mod no_traces {}

#[doc = include_str!("from_dd_trace_go.md")]
pub mod from_dd_trace_go {}

#[doc = include_str!("from_sentry.md")]
pub mod from_sentry {}

#[doc = include_str!("from_ddtrace.md")]
pub mod from_ddtrace {}

#[doc = include_str!("from_opentelemetry.md")]
pub mod from_opentelemetry {}

#[doc = include_str!("from_tracing.md")]
pub mod from_tracing {}
