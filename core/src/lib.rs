//! The Datadog tracer for Rust: a trace and its baggage run through Rust, Python, Go and Node
//! services as one.
//!
//! It records spans, reads and writes Datadog's and W3C's headers, and sends what has finished to
//! the Datadog Agent. It is neither a collector nor a logging library, and it knows no HTTP
//! framework: servers are traced by `packdog-server`, clients by `packdog-client`. A library that
//! wants to be seen depends on `packdog-api` alone, which is all of this without the tracer.
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
//! - A *trace* is all the work for one request, in all services; a *span* is one piece of it,
//!   with a name, a service, a resource, a time and tags.
//! - [`span`] opens a span below the [`current_span`], which belongs to this thread or task;
//!   [`#[trace]`](macro@trace) opens one per call. The first one of a trace in this process is
//!   its [root](current_root_span).
//! - An [`OwnedSpan`] is an open span, and finishes it when dropped. A [`Span`] is a handle, for
//!   tags, [errors](Span::set_error) and baggage; it keeps nothing open. There is always one: where
//!   no span is current, it does nothing.
//! - A span is current in a [block](SpanBuilder::in_scope), in a
//!   [future](InSpanExt::in_span), and in tasks and [threads](thread) that carry it.
//! - [`Baggage`] is data of the application that travels along, from a span to those below, also
//!   in other services.
//! - A [`SpanContext`] is what headers carry; [`propagation`] reads and writes it.
//! - A [`Tracer`] is where spans go. [`init`] installs one for the process, as the environment
//!   says ([`Config`]); several can live side by side.
//! - Nothing here fails, blocks or panics because of tracing. What could not be done is counted
//!   as a [`Misuse`], and [`limits`] says how much is kept.
//!
//! # Recipes
//! [Servers](recipes::server) · [clients](recipes::client) · [tasks](recipes::tasks) ·
//! [guards and `.await`](recipes::guards) · [request-wide baggage](recipes::baggage) ·
//! [logs](recipes::logs) · [tests](recipes::tests); coming from
//! [ddtrace for Python](recipes::from_ddtrace), [OpenTelemetry](recipes::from_opentelemetry) or
//! [`tracing`](recipes::from_tracing).
//!
//! # Features
//! - `agent` (default): [`init`], and delivery to the Datadog Agent.
//! - `stream`: streams that carry a span.
//! - `test-util`: [a collector](test_util) for tests of one's own spans.
//! - `tokio`: [tasks](task) that carry the current span.
//! - `tracing`: spans of the [`tracing`](mod@tracing) crate become spans of ours; log correlation.

#[cfg(feature = "agent")]
mod agent;
pub mod config;
pub mod correlation;
#[cfg(feature = "agent")]
pub mod doctor;
pub mod http;
#[cfg(feature = "agent")]
mod log;
mod panic;
mod parts;
#[cfg(feature = "agent")]
pub mod processor;
pub mod propagation;
#[cfg(all(doc, not(doctest)))]
pub mod recipes;
pub mod sampling;
#[cfg(feature = "agent")]
mod stats;
pub mod tags;
#[cfg(any(test, feature = "test-util"))]
pub mod test_util;
#[cfg(feature = "agent")]
mod tracer;
#[cfg(feature = "tracing")]
pub mod tracing;

#[cfg(all(feature = "agent", feature = "test-util"))]
#[doc(hidden)]
pub use self::agent::plain as wire;
pub use self::panic::panic_hook;
pub use self::{config::values::Config, correlation::log_correlation};
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
    Attribute, Baggage, BaggageItem, CarriedSpan, DroppedSpans, EnteredSpan, InSpan, InSpanExt,
    Metrics, Misuse, NotAnAttribute, OwnedSpan, Parent, Report, SamplingMechanism,
    SamplingPriority, Span, SpanBaggage, SpanBuilder, SpanContext, SpanError, SpanEvent, SpanId,
    SpanKind, SpanLink, SpanSampling, SpanScope, TagValue, TraceErr, TraceId, TraceTags, Tracer,
    TracerScope, UnfinishedSpan, carrier, current_ids, current_root_span, current_span,
    implementation, set_tags, span, thread,
};
#[cfg(feature = "stream")]
pub use packdog_api::{StreamInSpan, StreamInSpanExt};
#[doc(hidden)]
pub use packdog_api::{attribute, internal, render};

/// How much a span, and a tracer, takes at most. What is beyond is left out and, unless it is an
/// attribute of a link or an event, counted as a [`Misuse`].
pub mod limits {
    pub use packdog_api::{
        MAX_ATTRIBUTES, MAX_BAGGAGE_ITEM_BYTES, MAX_BAGGAGE_ITEMS, MAX_EVENTS_PER_SPAN,
        MAX_LINKS_PER_SPAN, MAX_OPEN_SPANS, MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES,
        MAX_TAGS_ON_EVERY_SPAN, MAX_TAGS_PER_SPAN, MAX_WATCHED_SPANS,
    };
}

/// The example of the README.
#[cfg(all(doctest, feature = "agent"))]
#[doc = include_str!("../README.md")]
struct Readme;
