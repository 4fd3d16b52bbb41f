//! The Datadog tracer for Rust: spans, baggage, Datadog and W3C propagation, delivery to the
//! Datadog Agent.

#[cfg(feature = "agent")]
mod agent;
pub mod config;
pub mod http;
#[cfg(feature = "agent")]
mod log;
pub mod propagation;
#[cfg(feature = "agent")]
mod sampling;
pub mod tags;
#[cfg(feature = "test-util")]
pub mod test_util;
#[cfg(feature = "agent")]
mod tracer;
#[cfg(feature = "tracing")]
pub mod tracing;

pub use self::config::values::Config;
#[cfg(feature = "agent")]
pub use self::tracer::{Guard, InitError, init};
#[doc(hidden)]
pub use packdog_api::attribute;
#[doc(inline)]
pub use packdog_api::attribute::trace;
pub use packdog_api::{
    Baggage, CarriedSpan, InSpan, InSpanExt, OwnedSpan, Parent, Report, SamplingMechanism,
    SamplingPriority, Span, SpanBaggage, SpanBuilder, SpanContext, SpanId, SpanKind, SpanLink,
    SpanScope, TagValue, TraceErr, TraceId, TraceTags, Tracer, TracerScope, carrier,
    current_root_span, current_span, implementer, span,
};
