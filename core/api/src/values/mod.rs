//! Values: ids, tags, events, links, baggage, and the context that travels. They do not depend on
//! spans, threads or tracers.

mod attribute;
mod baggage;
mod context;
mod event;
mod id;
mod kind;
mod link;
mod priority;
mod probability;
mod received;
mod stack;
mod tag_value;
mod trace_tags;

pub use self::{
    attribute::{Attribute, MAX_ATTRIBUTES, NotAnAttribute},
    baggage::{Baggage, BaggageItem, MAX_BAGGAGE_ITEM_BYTES, MAX_BAGGAGE_ITEMS},
    context::SpanContext,
    event::SpanEvent,
    id::{SpanId, TraceId},
    kind::SpanKind,
    link::SpanLink,
    priority::{SamplingMechanism, SamplingPriority},
    probability::Probability,
    received::{Received, ReceivedContext},
    tag_value::{MAX_TAG_KEY_BYTES, TagRef, TagValue},
    trace_tags::TraceTags,
};
pub(crate) use self::{stack::Stack, tag_value::Stored};
pub use crate::text::MAX_TAG_VALUE_BYTES;
