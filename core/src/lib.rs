//! The Datadog tracer for Rust: spans, baggage, Datadog and W3C propagation, delivery to the
//! Datadog Agent.

pub mod config;
pub mod http;
pub mod propagation;
pub mod tags;

pub use self::config::values::Config;
pub use packdog_api::{
    Baggage, CarriedSpan, InSpan, InSpanExt, OwnedSpan, Parent, Report, SamplingMechanism,
    SamplingPriority, Span, SpanBaggage, SpanBuilder, SpanContext, SpanId, SpanKind, SpanLink,
    SpanScope, TagValue, TraceId, TraceTags, Tracer, TracerScope, carrier, current_root_span,
    current_span, implementer, span,
};
