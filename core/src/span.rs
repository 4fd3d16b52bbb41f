//! Parts of spans: context, ids, tags, links, events and baggage.
//!
//! [`span()`](crate::span()) opens a span, and [`Span`](crate::Span) has the methods that take these
//! values.

pub use packdog_api::{
    Attribute, BaggageItem, NotAnAttribute, Parent, SpanBaggage, SpanBuilder, SpanContext,
    SpanEvent, SpanId, SpanKind, SpanLink, TagRef, TagValue, TraceId, TraceTags, UnfinishedSpan,
    current_ids,
};
