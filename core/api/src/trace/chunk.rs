//! Finished spans of one trace on their way out, as an implementation sees them.

use std::sync::Arc;

use super::{Trace, TraceTags};
use crate::{
    span::{
        Record, SamplingPriority, SpanContext, SpanEvent, SpanId, SpanLink, State, TagValue,
        TraceId,
    },
    sync::MutexGuard,
};

/// Finished spans of one trace that leave together, never empty, in the order of finishing.
///
/// The chunk also knows what the spans share: ids, decision, tags of the trace, and the
/// context that the trace continues.
#[derive(Debug)]
pub struct Chunk {
    trace: Arc<Trace>,
    records: Vec<Arc<Record>>,
}

impl Chunk {
    pub(crate) fn new(trace: Arc<Trace>, records: Vec<Arc<Record>>) -> Self {
        Self { trace, records }
    }

    /// The trace of all spans.
    pub fn trace_id(&self) -> TraceId {
        self.trace.id
    }

    /// The sampling decision. Decisions are taken before a chunk leaves, so it is there.
    pub fn sampling_priority(&self) -> Option<SamplingPriority> {
        self.trace.priority()
    }

    /// The tags of the trace, without the high bits of its id.
    pub fn trace_tags(&self) -> TraceTags {
        self.trace.tags()
    }

    /// Numbers that the decision put on the local root.
    pub fn root_metrics(&self) -> Vec<(&'static str, f64)> {
        self.trace.root_metrics()
    }

    /// What the trace continues: origin, last parent and propagation error are found here.
    pub fn remote(&self) -> &SpanContext {
        self.trace.remote()
    }

    /// The number of spans.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are no spans; chunks that leave have at least one.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The spans. Each is locked while it is looked at: drop one before going on to the next.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = FinishedSpan<'_>> {
        self.records.iter().map(|record| FinishedSpan::of(&self.trace, record))
    }

    /// The span at this place, which is locked while it is looked at.
    pub fn span(&self, index: usize) -> Option<FinishedSpan<'_>> {
        self.records.get(index).map(|record| FinishedSpan::of(&self.trace, record))
    }

    /// Sets a number on the span at this place, for what is decided about it after its end.
    pub fn set_number(&mut self, index: usize, key: &'static str, value: f64) {
        if let Some(record) = self.records.get(index) {
            record.state().tags.set(key.into(), value.into());
        }
    }

    /// About how many bytes of memory the chunk keeps from being freed.
    ///
    /// Texts count in full, also where they are stored inline or shared, so this is rather too
    /// much than too little.
    pub fn memory_bytes(&self) -> usize {
        let records = self.records.iter().map(|record| record.memory_bytes()).sum::<usize>();
        self.trace.memory_bytes() + records
    }

    /// Leaves the first `count` spans here and returns the others as a chunk of the same trace;
    /// `None`, without any change, if one of the two would be empty.
    pub fn split_off(&mut self, count: usize) -> Option<Self> {
        (1..self.len()).contains(&count).then(|| {
            let records = self.records.split_off(count);
            Self::new(Arc::clone(&self.trace), records)
        })
    }

    /// Puts the local root first and the others behind it in the order of their start.
    pub fn sort(&mut self) {
        let trace = &self.trace;
        self.records.sort_by_cached_key(|record| {
            let span = FinishedSpan::of(trace, record);
            (!span.is_local_root(), span.start())
        });
    }
}

/// A look at one span, which stays locked meanwhile.
#[derive(Debug)]
pub struct FinishedSpan<'a> {
    record: &'a Record,
    is_local_root: bool,
    state: MutexGuard<'a, Box<State>>,
}

impl<'a> FinishedSpan<'a> {
    pub(crate) fn of(trace: &Trace, record: &'a Arc<Record>) -> Self {
        let is_local_root = trace.root().is_some_and(|root| Arc::ptr_eq(root, record));
        Self { record, is_local_root, state: record.state() }
    }

    /// The id of the span.
    pub fn span_id(&self) -> SpanId {
        self.record.id
    }

    /// The parent, local or remote.
    pub fn parent_id(&self) -> Option<SpanId> {
        self.record.parent_id
    }

    /// Whether it is the first span of the trace in this process.
    pub fn is_local_root(&self) -> bool {
        self.is_local_root
    }

    /// Whether it is the first span of its service: it has no local parent, or one of another
    /// service.
    pub fn is_top_level(&self) -> bool {
        self.state.is_top_level
    }

    /// The service.
    pub fn service(&self) -> &str {
        &self.state.service
    }

    /// The operation name.
    pub fn name(&self) -> &str {
        &self.state.name
    }

    /// The resource; the operation name if none was set.
    pub fn resource(&self) -> &str {
        self.state.resource.as_ref().unwrap_or(&self.state.name)
    }

    /// The type, such as `web`; empty if none was set.
    pub fn span_type(&self) -> &str {
        &self.state.span_type
    }

    /// When it started, in nanoseconds of Unix time.
    pub fn start(&self) -> i64 {
        self.state.start.unwrap_or(0)
    }

    /// How long it took in nanoseconds, at least 1; zero while it is open.
    pub fn duration(&self) -> i64 {
        self.state.duration.unwrap_or(0)
    }

    /// Whether it is marked as an error.
    pub fn is_error(&self) -> bool {
        self.state.is_error
    }

    /// The value of one tag.
    pub fn tag(&self, key: &str) -> Option<&TagValue> {
        self.state.tags.get(key)
    }

    /// The tags in the order in which they were first set, and then those of every span.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &TagValue)> {
        self.state.tags.iter()
    }

    /// The links.
    pub fn links(&self) -> &[SpanLink] {
        &self.state.links
    }

    /// The events.
    pub fn events(&self) -> &[SpanEvent] {
        &self.state.events
    }
}
