//! A Datadog tracer for Rust, not made by Datadog: one trace, with its baggage, across Rust, Python,
//! Go and Node services.
//!
//! packdog records spans, reads and writes the headers of Datadog, W3C and B3, and sends finished
//! spans to the Datadog Agent. It is neither a collector nor a logging library, and it depends on no
//! HTTP framework: `packdog-server` traces servers, `packdog-client` traces clients. Libraries depend on
//! `packdog-api`: the same API, which does nothing until an application installs packdog.
//!
//! # Start
//! ```no_run
//! #[packdog::trace(tags(items = ingredients.len()))] // Each call is a span.
//! fn make_sandwich(ingredients: &[&str]) -> Result<(), std::io::Error> {
//!     packdog::span("butter.spread").in_scope(|span| span.set_tag("thickness", 2.5));
//!     packdog::current_root_span().set_tag("customer", "regular");
//!     Ok(()) // An `Err` would mark the span.
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let _packdog = packdog::init()?; // `DD_*` variables; the guard flushes when dropped.
//!     packdog::span("order.handle").resource("club").in_scope(|_| make_sandwich(&["ham"]))?;
//!     Ok(())
//! }
//! ```
//!
//! # Concepts
//! - A *trace* is all the work for one request, in all services. A *span* is one piece of it, with
//!   a name, a service, a resource, a time and tags.
//! - [`span()`] opens a child of the [`current_span`], which belongs to this thread or task.
//!   [`#[trace]`](macro@trace) opens a span for each call of a function. The first span of a trace
//!   in this process is its [root](current_root_span).
//! - An [`OwnedSpan`] is an open span, which finishes when it is dropped. A [`Span`] is a handle for
//!   tags, [errors](Span::set_error) and baggage, and does not keep the span open. If no span is
//!   current, [`current_span`] returns a handle that does nothing.
//! - A span is current in a [block](span::SpanBuilder::in_scope), in a [future](InSpanExt::in_span), and
//!   in tasks and [threads](thread) that carry it.
//! - [`Baggage`] is data of the application that travels from a span to its descendants, in other
//!   services too.
//! - A [`SpanContext`](span::SpanContext) is the part of a span that travels in headers, which
//!   [`propagation`] reads and writes.
//! - A [`Tracer`] records spans and sends them. [`init`] installs one for the process, configured
//!   by the environment; a [`Config`] adds settings in code. Several tracers can exist side by side.
//! - Tracing does not make your code fail, block or panic. A call without effect is counted as a
//!   [`Misuse`](limits::Misuse), and [`limits`] lists how much a span can hold.
//! - A child process made by `fork()` delivers its own spans. One made by `clone()`, `_Fork()` or a
//!   bare system call is not noticed, and must not use packdog.
//! - [`doctor()`] finds out why no traces arrive.
//!
//! # Recipes
//! [Servers](recipes::server) · [clients](recipes::client) · [gRPC](recipes::grpc) ·
//! [WebSocket and server-sent events](recipes::streaming) · [queues](recipes::queues) ·
//! [databases](recipes::databases) · [tasks](recipes::tasks) ·
//! [guards and `.await`](recipes::guards) · [request-wide baggage](recipes::baggage) ·
//! [sampling](recipes::sampling) · [logs](recipes::logs) · [shutdown](recipes::shutdown) ·
//! [tests](recipes::tests) · [getting a Datadog Agent](recipes::agent) ·
//! [no traces arrive](recipes::no_traces); migrating from
//! [ddtrace for Python](recipes::from_ddtrace), [dd-trace-go](recipes::from_dd_trace_go),
//! [OpenTelemetry](recipes::from_opentelemetry), [sentry](recipes::from_sentry) or
//! [`tracing`](recipes::from_tracing).
//!
//! # Features
//! - `agent` (default): [`init`], and delivery to the Datadog Agent.
//! - `health-metrics`: metrics about the tracer itself, by DogStatsD.
//! - `https`: Datadog Agents behind TLS.
//! - `stream`: streams that carry a span.
//! - `test-util`: [a collector](test_util) for tests of your own spans.
//! - `tokio`: [tasks](task) that carry the current span.
//! - `tonic`: the metadata of gRPC calls as a [carrier](propagation::carrier).
//! - `tracing`: spans of the [`tracing`](mod@tracing) crate become spans of packdog; trace ids in logs.
//! - `log`: [loggers](correlation) of the `log` crate whose records have trace ids.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "agent")]
mod agent;
pub mod config;
pub mod correlation;
#[cfg(feature = "agent")]
pub mod doctor;
pub mod error;
pub mod http;
#[doc(hidden)]
pub mod internal;
pub mod limits;
#[cfg(feature = "agent")]
mod log;
#[doc(hidden)]
pub mod opentelemetry;
mod parts;
#[cfg(feature = "agent")]
pub mod processor;
pub mod propagation;
#[cfg(all(doc, not(doctest)))]
pub mod recipes;
pub mod sampling;
pub mod scope;
pub mod span;
pub mod sql;
#[cfg(feature = "agent")]
mod stats;
pub mod tags;
#[cfg(any(test, feature = "test-util"))]
pub mod test_util;
#[cfg(feature = "agent")]
mod tracer;
#[cfg(feature = "tracing")]
pub mod tracing;
mod without_tracer;

pub use self::config::values::Config;
#[cfg(feature = "agent")]
pub use self::{
    doctor::doctor,
    tracer::{Guard, InitError, init},
};
#[doc(inline)]
pub use packdog_api::attribute::trace;
#[cfg(feature = "tokio")]
pub use packdog_api::task;
pub use packdog_api::{
    Baggage, InSpanExt, OwnedSpan, Span, TraceErr, Tracer, current_root_span, current_span,
    set_tags, span, thread,
};

#[doc(hidden)]
pub use packdog_api::attribute; // The functions that `#[trace]` calls.

/// The example of the README.
#[cfg(all(doctest, feature = "agent"))]
#[doc = include_str!("../README.md")]
struct Readme;
