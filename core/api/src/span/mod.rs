//! Spans: identity, context, tags; handles to them, owners of them, and how they are opened.

mod builder;
mod context;
mod error;
mod event;
mod handle;
#[cfg(test)]
mod hostile;
mod id;
mod kind;
#[cfg(test)]
mod limits;
mod link;
mod owned;
mod passing;
mod priority;
mod record;
mod sampling;
mod start;
mod tags;
#[cfg(test)]
mod tests;
mod trace_err;

pub use self::{
    builder::{Parent, SpanBuilder},
    context::SpanContext,
    event::{Attribute, MAX_ATTRIBUTES, NotAnAttribute, SpanEvent},
    handle::Span,
    id::{SpanId, TraceId},
    kind::SpanKind,
    link::SpanLink,
    owned::OwnedSpan,
    priority::{SamplingMechanism, SamplingPriority},
    record::{MAX_EVENTS_PER_SPAN, MAX_LINKS_PER_SPAN},
    sampling::SpanSampling,
    tags::{MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES, MAX_TAGS_PER_SPAN, TagValue},
    trace_err::TraceErr,
};
pub(crate) use self::{
    error::{record_error, record_text},
    handle::{Kind, Recording},
    passing::Passing,
    record::{Effect, Record, State, is_reserved_tag},
    tags::{Tags, stored_tag},
};
