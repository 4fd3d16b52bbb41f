//! The context that one style read from the headers, before the styles are combined.

use std::borrow::Cow;

use packdog_api::{
    SamplingPriority, SpanId, TraceId, TraceTags,
    implementation::{Received, ReceivedContext},
};

use super::{
    Style,
    dd_member::MemberTags,
    digits::Hex,
    reconcile::reconcile,
    tags_header::{TagsError, TagsHeader},
    tracestate::Tracestate,
};

/// The ids that one style read. Most are compared with those of another style and dropped, so the
/// rest is read on demand.
#[derive(Debug)]
pub(super) struct Incoming<'a> {
    pub(super) style: Style,
    pub(super) trace_id: TraceId,
    pub(super) parent_id: Option<SpanId>,
    pub(super) fields: StyleFields<'a>,
}

/// The data beside the ids.
#[derive(Debug)]
pub(super) enum StyleFields<'a> {
    Datadog { priority: Option<SamplingPriority>, origin: Option<&'a str>, tags: TagsHeader<'a> },
    TraceContext { is_sampled: bool, is_random: bool, tracestate: Tracestate<'a> },
    B3 { priority: Option<SamplingPriority> },
}

impl<'a> Incoming<'a> {
    /// Whether the trace id is known to be random.
    pub(super) fn is_random(&self) -> bool {
        matches!(self.fields, StyleFields::TraceContext { is_random: true, .. })
    }

    /// The list of `tracecontext`; empty for every other style.
    pub(super) fn tracestate(&self) -> Tracestate<'a> {
        match self.fields {
            StyleFields::TraceContext { tracestate, .. } => tracestate,
            StyleFields::Datadog { .. } | StyleFields::B3 { .. } => Tracestate::default(),
        }
    }

    /// The decision.
    pub(super) fn priority(&self) -> Option<SamplingPriority> {
        match self.fields {
            StyleFields::Datadog { priority, .. } | StyleFields::B3 { priority } => priority,
            StyleFields::TraceContext { is_sampled, tracestate, .. } => {
                let ours = tracestate.ours();
                reconcile(is_sampled, ours.priority, ours.origin().as_deref()).0
            }
        }
    }

    /// Returns the whole context of the style, which the local root continues.
    #[inline] // Contexts are large, and would be moved once more.
    pub(super) fn into_received(self) -> ReceivedContext<'a> {
        let ids = ReceivedContext {
            trace_id: Some(self.trace_id),
            span_id: self.parent_id,
            ..ReceivedContext::default()
        };
        match self.fields {
            StyleFields::Datadog { priority, origin, tags } => ReceivedContext {
                sampling_priority: priority,
                origin: origin.map(Cow::Borrowed),
                trace_tags: tags.tags,
                propagation_error: tags.error.map(TagsError::into_text),
                ..ids
            },
            StyleFields::TraceContext { is_sampled, is_random, tracestate } => {
                let ours = tracestate.ours();
                let origin = ours.origin();
                let (priority, maker) = reconcile(is_sampled, ours.priority, origin.as_deref());
                ReceivedContext {
                    has_random_trace_id: is_random,
                    sampling_priority: priority,
                    trace_tags: with_tid(MemberTags(ours, maker).read(), self.trace_id),
                    origin,
                    tracestate: tracestate.vendors().unwrap_or_default(),
                    last_parent_id: ours.last_parent_id.map(Cow::Borrowed),
                    propagation_error: ours.error.map(Cow::Borrowed),
                    ..ids
                }
            }
            StyleFields::B3 { priority } => ReceivedContext {
                sampling_priority: priority,
                trace_tags: with_tid(TraceTags::new(), self.trace_id),
                ..ids
            },
        }
    }
}

/// Sets the tag of the high half if that half is not zero, else removes it.
fn with_tid(mut tags: TraceTags, trace_id: TraceId) -> Received<'static, TraceTags> {
    if trace_id.high() != 0 {
        tags.set(TraceTags::HIGH_TRACE_ID, Hex::of(trace_id.high()).as_str());
    }
    Received::Read(tags)
}
