//! All that an extraction found, before it becomes a context.

use std::borrow::Cow;

use super::{
    Baggage, Probability, SamplingPriority, SpanContext, SpanId, SpanLink, TraceId, TraceTags,
};
use crate::shared_text::SharedText;

/// All that an extraction found. It borrows from the headers, and becomes a [`SpanContext`] at once,
/// with one allocation for all lists that are kept as received.
#[derive(Debug, Default)]
pub struct ReceivedContext<'a> {
    /// The trace, unless only baggage or a decision came.
    pub trace_id: Option<TraceId>,
    /// The caller's span.
    pub span_id: Option<SpanId>,
    /// Whether the trace id is known to be random.
    pub has_random_trace_id: bool,
    /// The decision, if there is one.
    pub sampling_priority: Option<SamplingPriority>,
    /// The product that started the trace.
    pub origin: Option<Cow<'a, str>>,
    /// The tags of the trace.
    pub trace_tags: Received<'a, TraceTags>,
    /// The `tracestate` members of other vendors in ASCII, joined by `,`; empty if there are none.
    pub tracestate: Cow<'a, [u8]>,
    /// The last span of a Datadog tracer.
    pub last_parent_id: Option<Cow<'a, str>>,
    /// The value of `_dd.propagation_error`.
    pub propagation_error: Option<Cow<'static, str>>,
    /// Links of the local root.
    pub links: Vec<SpanLink>,
    /// The baggage.
    pub baggage: Received<'a, Baggage>,
}

/// A list of pairs, as it was received or read already. A propagator fills a [`ReceivedContext`]
/// with it when it reads headers.
#[derive(Debug)]
pub enum Received<'a, T> {
    /// So many `key=value` pairs joined by `,` as they are to be read: ASCII, each key once, nothing
    /// encoded, no blanks around keys and values.
    Text(&'a [u8], usize),
    /// Pairs that were read.
    Read(T),
}

impl<T: Default> Default for Received<'_, T> {
    fn default() -> Self {
        Self::Read(T::default())
    }
}

impl<T> Received<'_, T> {
    fn text(&self) -> &[u8] {
        match self {
            Self::Text(text, _) => text,
            Self::Read(_) => &[],
        }
    }
}

impl ReceivedContext<'_> {
    /// Makes the context.
    #[inline] // A context is large, and would be moved once more.
    pub fn into_context(self) -> SpanContext {
        let texts = [self.trace_tags.text(), self.tracestate.as_ref(), self.baggage.text()];
        let [tags, tracestate, items] = SharedText::of(texts);
        SpanContext {
            trace_id: self.trace_id,
            span_id: self.span_id,
            is_local: false,
            has_random_trace_id: self.has_random_trace_id,
            sampling_priority: self.sampling_priority,
            probability: Probability::Received,
            origin: self.origin.map(Into::into),
            trace_tags: match self.trace_tags {
                Received::Text(_, count) => TraceTags::received(tags, count),
                Received::Read(tags) => tags,
            },
            tracestate,
            last_parent_id: self.last_parent_id.map(Into::into),
            propagation_error: self.propagation_error.map(Into::into),
            links: self.links,
            baggage: match self.baggage {
                Received::Text(_, count) => Baggage::received(items, count),
                Received::Read(items) => items,
            },
        }
    }
}
