//! Scopes in which a span is current: guards, futures and streams.
//!
//! They are returned by methods of [`Span`](crate::Span), [`SpanBuilder`](crate::span::SpanBuilder),
//! [`Tracer`](crate::Tracer) and [`InSpanExt`](crate::InSpanExt), and seldom named.

pub use packdog_api::{CarriedSpan, EnteredSpan, InSpan, SpanScope, TracerScope, TryInSpanExt};
#[cfg(feature = "stream")]
pub use packdog_api::{StreamInSpan, StreamInSpanExt};
