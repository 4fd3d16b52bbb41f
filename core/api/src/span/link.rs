//! A link from one span to another, in whatever trace that one is.

use smol_str::SmolStr;

use super::{SpanContext, SpanId, TraceId};
use crate::pairs::Pairs;

/// Points from a span to another one that is neither its parent nor its child.
///
/// Extraction makes links where headers disagree; applications make them for batches and
/// fan-in. Attributes are texts, in the order in which they were added.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanLink {
    trace_id: TraceId,
    span_id: SpanId,
    is_sampled: Option<bool>,
    tracestate: Option<SmolStr>,
    attributes: Pairs,
}

impl SpanLink {
    /// A link to this span.
    pub fn new(trace_id: TraceId, span_id: SpanId) -> Self {
        Self { trace_id, span_id, is_sampled: None, tracestate: None, attributes: Pairs::default() }
    }

    /// A link to the span of `context`; `None` if the context names no span.
    pub fn to(context: &SpanContext) -> Option<Self> {
        let mut link = Self::new(context.trace_id()?, context.span_id()?);
        link.is_sampled = context.sampling_priority().map(super::SamplingPriority::is_kept);
        link.tracestate = context.tracestate().map(SmolStr::new);
        Some(link)
    }

    /// Says whether the other trace is kept; unknown by default.
    pub fn with_sampled(mut self, is_sampled: bool) -> Self {
        self.is_sampled = Some(is_sampled);
        self
    }

    /// Adds the W3C `tracestate` of the other trace.
    pub fn with_tracestate(mut self, tracestate: &str) -> Self {
        self.tracestate = Some(SmolStr::new(tracestate));
        self
    }

    /// Adds an attribute; a repeated key takes the last value.
    pub fn with_attribute(mut self, key: &str, value: &str) -> Self {
        self.attributes.set(SmolStr::new(key), SmolStr::new(value));
        self
    }

    /// The trace of the other span.
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The id of the other span.
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// Whether the other trace is kept, if known.
    pub fn is_sampled(&self) -> Option<bool> {
        self.is_sampled
    }

    /// The W3C `tracestate` of the other trace, if it had one.
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let tracestate = self.tracestate.as_ref().map_or(0, SmolStr::len);
        size_of::<Self>() + tracestate + self.attributes.memory_bytes()
    }

    /// The attributes, in order.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.attributes.iter()
    }
}
