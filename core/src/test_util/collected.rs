//! Finished spans as plain data.

use std::collections::BTreeMap;

use packdog_api::{
    SamplingPriority, SpanEvent, SpanId, SpanLink, TagValue, TraceId, TraceTags,
    implementation::{Chunk, FinishedSpan},
};

/// The finished spans of one trace, in the order of their start.
///
/// Spans that belong to one trace are together, also those of several services in one process.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CollectedTrace {
    /// The id that all spans share.
    pub trace_id: TraceId,
    /// The sampling priority.
    pub sampling_priority: Option<SamplingPriority>,
    /// The tags of the trace.
    pub trace_tags: TraceTags,
    /// At least one span.
    pub spans: Vec<CollectedSpan>,
}

/// One finished span.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CollectedSpan {
    /// The id of the trace.
    pub trace_id: TraceId,
    /// The id of the span.
    pub span_id: SpanId,
    /// The id of its parent, local or remote.
    pub parent_id: Option<SpanId>,
    /// The operation name.
    pub name: String,
    /// The service.
    pub service: String,
    /// The resource.
    pub resource: String,
    /// The type; empty if none was set.
    pub span_type: String,
    /// The start in nanoseconds of Unix time.
    pub start: i64,
    /// The duration in nanoseconds.
    pub duration: i64,
    /// Whether it is marked as an error.
    pub is_error: bool,
    /// The tags, without those that are added when spans are sent to the Datadog Agent.
    pub tags: BTreeMap<String, TagValue<'static>>,
    /// The links.
    pub links: Vec<SpanLink>,
    /// The events.
    pub events: Vec<SpanEvent>,
}

impl CollectedTrace {
    pub(super) fn of(mut chunk: Chunk) -> Self {
        chunk.sort();
        let trace_id = chunk.trace_id();
        Self {
            trace_id,
            sampling_priority: chunk.sampling_priority(),
            trace_tags: chunk.trace_tags().clone(),
            spans: chunk.spans().map(|span| CollectedSpan::of(trace_id, &span)).collect(),
        }
    }

    /// Adds spans that left later or in another service; their shared values replace the known
    /// ones.
    pub(super) fn join(&mut self, later: Self) {
        self.sampling_priority = later.sampling_priority;
        self.trace_tags = later.trace_tags;
        self.spans.extend(later.spans);
        self.spans.sort_by_key(|span| span.start);
    }
}

impl CollectedSpan {
    fn of(trace_id: TraceId, span: &FinishedSpan<'_>) -> Self {
        Self {
            trace_id,
            span_id: span.span_id(),
            parent_id: span.parent_id(),
            name: span.name().to_owned(),
            service: span.service().to_owned(),
            resource: span.resource().to_owned(),
            span_type: span.span_type().to_owned(),
            start: span.start(),
            duration: span.duration(),
            is_error: span.is_error(),
            tags: span.tags().map(|(key, value)| (key.to_owned(), value.to_value())).collect(),
            links: span.links().to_vec(),
            events: span.events().to_vec(),
        }
    }

    /// Returns the value of a tag that is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.tags.get(key)?.as_str()
    }

    /// Returns the value of a tag that is a number.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.tags.get(key)?.as_f64()
    }
}
