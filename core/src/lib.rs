//! The Datadog tracer for Rust: spans, baggage, Datadog and W3C propagation, delivery to the
//! Datadog Agent.
//!
//! It is neither a collector nor a logging library, and it knows no HTTP framework: servers are
//! traced by `packdog-server`, clients by `packdog-client`.
//!
//! - [`init`] starts the tracer, as the environment ([`Config`]) says; its [`Guard`] flushes.
//! - [`span`] opens a span below the [`current_span`]; [`#[trace]`](macro@trace) one per call.
//! - A [`Span`] is a handle for tags, errors and [`baggage`](Span::baggage); an [`OwnedSpan`]
//!   finishes when dropped; [`.in_span(..)`](InSpanExt::in_span) carries one with a future.
//! - A [`SpanContext`] is what headers carry; [`propagation`] reads and writes them.
//! - A [`Tracer`] is where spans go; several can live in one process.
//!
//! ```no_run
//! # fn main() -> Result<(), packdog::InitError> {
//! let _packdog = packdog::init()?;
//!
//! packdog::span("sandwich.make").resource("club").in_scope(|span| {
//!     span.set_tag("num_ingredients", 3);
//!     packdog::current_root_span().set_tag("customer", "regular");
//! });
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//! - `agent` (default): [`init`], and delivery to the Datadog Agent.
//! - `tracing`: spans of the `tracing` crate become spans of ours; log correlation.
//! - `test-util`: a collector for tests of one's own spans.

#[cfg(feature = "agent")]
mod agent;
pub mod config;
pub mod http;
#[cfg(feature = "agent")]
mod log;
mod panic;
pub mod propagation;
#[cfg(all(doc, not(doctest)))]
pub mod recipes;
pub mod sampling;
pub mod tags;
#[cfg(feature = "test-util")]
pub mod test_util;
#[cfg(feature = "agent")]
mod tracer;
#[cfg(feature = "tracing")]
pub mod tracing;

#[cfg(all(feature = "agent", feature = "test-util"))]
#[doc(hidden)]
pub use self::agent::neutral as wire;
pub use self::config::values::Config;
pub use self::panic::panic_hook;
#[cfg(feature = "agent")]
pub use self::tracer::{Guard, InitError, init};
#[doc(hidden)]
pub use packdog_api::attribute;
#[doc(inline)]
pub use packdog_api::attribute::trace;
#[cfg(feature = "tokio")]
pub use packdog_api::task;
pub use packdog_api::{
    Attribute, Baggage, BaggageItem, CarriedSpan, EnteredSpan, InSpan, InSpanExt, Misuse,
    NotAnAttribute, OwnedSpan, Parent, Report, SamplingMechanism, SamplingPriority, Span,
    SpanBaggage, SpanBuilder, SpanContext, SpanEvent, SpanId, SpanKind, SpanLink, SpanSampling,
    SpanScope, TagValue, TraceErr, TraceId, TraceTags, Tracer, TracerScope, UnfinishedSpan,
    carrier, current_root_span, current_span, implementer, set_tags, span, thread,
};
#[cfg(feature = "stream")]
pub use packdog_api::{StreamInSpan, StreamInSpanExt};

/// How much a span, and a tracer, takes at most. What is beyond is left out and counted as a
/// [`Misuse`].
pub mod limits {
    pub use packdog_api::{
        MAX_EVENTS_PER_SPAN, MAX_LINKS_PER_SPAN, MAX_OPEN_SPANS, MAX_TAG_KEY_BYTES,
        MAX_TAG_VALUE_BYTES, MAX_TAGS_ON_EVERY_SPAN, MAX_TAGS_PER_SPAN, MAX_WATCHED_SPANS,
    };
}
