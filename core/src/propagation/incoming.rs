//! What one style read from the headers, before the styles are combined.

use std::borrow::Cow;

use packdog_api::{SamplingPriority, SpanContext, SpanId, TraceId, TraceTags};

use super::{Style, dd_member::MemberTags, digits::Hex, tracestate::Tracestate};

/// A trace context that borrows from the headers; most are compared and dropped.
#[derive(Debug)]
pub(super) struct Incoming<'a> {
    pub(super) style: Style,
    pub(super) trace_id: TraceId,
    pub(super) parent_id: Option<SpanId>,
    pub(super) is_random: bool,
    pub(super) priority: Option<SamplingPriority>,
    pub(super) origin: Option<Cow<'a, str>>,
    pub(super) tags: Tags<'a>,
    pub(super) error: Option<Cow<'static, str>>,
    /// Empty unless the style is `tracecontext`.
    pub(super) tracestate: Tracestate<'a>,
}

/// The tags of the trace.
#[derive(Debug)]
pub(super) enum Tags<'a> {
    /// As `x-datadog-tags` has them, with `_dd.p.tid` in its place.
    Read(TraceTags),
    /// Those of a `tracestate`, read when they are wanted.
    Unread(MemberTags<'a>),
}

impl<'a> Incoming<'a> {
    pub(super) fn new(style: Style, trace_id: TraceId, parent_id: Option<SpanId>) -> Self {
        Self {
            style,
            trace_id,
            parent_id,
            is_random: false,
            priority: None,
            origin: None,
            tags: Tags::Read(TraceTags::new()),
            error: None,
            tracestate: Tracestate::default(),
        }
    }

    /// The context of which the local root becomes the continuation.
    pub(super) fn into_context(self) -> SpanContext {
        let mut tags = match self.tags {
            Tags::Read(tags) => tags,
            Tags::Unread(tags) => tags.read(),
        };
        derive_tid(&mut tags, self.trace_id);
        let mut context = SpanContext::new()
            .with_trace(self.trace_id, self.parent_id)
            .with_random_trace_id(self.is_random)
            .with_sampling_priority(self.priority)
            .with_trace_tags(tags);
        if let Some(origin) = self.origin {
            context = context.with_origin(&origin);
        }
        if let Some(error) = self.error {
            context = context.with_propagation_error(error);
        }
        if let Some(vendors) = self.tracestate.vendors() {
            context = context.with_tracestate(&vendors);
        }
        match self.tracestate.last_parent_id() {
            Some(id) => context.with_last_parent_id(id),
            None => context,
        }
    }
}

/// The tag of the high half is there exactly when that half is not zero.
fn derive_tid(tags: &mut TraceTags, trace_id: TraceId) {
    if trace_id.high() != 0 && tags.get(TraceTags::HIGH_TRACE_ID).is_none() {
        tags.set(TraceTags::HIGH_TRACE_ID, Hex::of(trace_id.high()).as_str());
    }
}
