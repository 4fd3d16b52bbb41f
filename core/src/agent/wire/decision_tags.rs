//! The tags that a decision and the process put on local roots, encoded once for all traces that
//! share them.
//!
//! Traces that begin here share the decisions of a few rates. Encoding their tags anew took a fifth
//! of the instructions of a root span.

use packdog_api::{SamplingPriority, TraceTags, implementation::Chunk};
use smallvec::SmallVec;

/// The tags of the last decision as `v0.4` has them.
#[derive(Debug, Default)]
pub(super) struct DecisionTags {
    priority: Option<SamplingPriority>,
    metrics: SmallVec<[(&'static str, f64); 2]>,
    trace_tags: TraceTags,
    pub(super) texts: Vec<u8>,
    pub(super) text_count: u32,
    pub(super) numbers: Vec<u8>,
    pub(super) number_count: u32,
}

impl DecisionTags {
    /// Whether these are the tags of the chunk.
    #[inline]
    pub(super) fn are_those_of(&self, chunk: &Chunk) -> bool {
        self.trace_tags.is_shared_with(chunk.trace_tags())
            && self.priority == chunk.sampling_priority()
            && self.metrics[..] == *chunk.root_metrics()
    }

    /// Whether other chunks may have the same tags: those that came in a header are of one trace.
    pub(super) fn may_be_shared(chunk: &Chunk) -> bool {
        chunk.trace_tags().as_received().is_none()
    }

    /// Remembers the tags of a chunk.
    pub(super) fn remember(
        &mut self,
        chunk: &Chunk,
        (texts, text_count): (&[u8], u32),
        (numbers, number_count): (&[u8], u32),
    ) {
        self.priority = chunk.sampling_priority();
        self.metrics = chunk.root_metrics().iter().copied().collect();
        self.trace_tags = chunk.trace_tags().clone();
        self.texts.clear();
        self.texts.extend_from_slice(texts);
        self.numbers.clear();
        self.numbers.extend_from_slice(numbers);
        (self.text_count, self.number_count) = (text_count, number_count);
    }
}
