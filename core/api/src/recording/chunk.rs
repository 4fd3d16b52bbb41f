//! Finished spans of one trace that are sent together, as an implementation receives them.

use smallvec::SmallVec;

use std::{mem, sync::Arc};

use super::finished_span::LateNumber;
use super::{FinishedSpan, FinishedSpanEdit, Held, State, Verdict};
use crate::values::{SamplingPriority, SpanContext, TraceId, TraceTags};

/// The spans of a chunk: most traces have one or few.
pub(crate) type States = SmallVec<[Arc<State>; 2]>;

/// Finished spans of one trace that are sent together, never empty, in the order of finishing.
///
/// The chunk also holds the data that the spans share: trace id, sampling decision, tags of the
/// trace, and the context that the trace continues.
#[derive(Debug)]
pub struct Chunk {
    pub(super) trace_id: TraceId,
    pub(super) process: u32,
    pub(super) priority: Option<SamplingPriority>,
    /// `None` if the decision was received.
    pub(super) verdict: Option<Arc<Verdict>>,
    /// `None` for an empty context.
    pub(super) remote: Option<Arc<SpanContext>>,
    pub(super) states: States,
    pub(super) held: Held,
    /// Numbers set after the end of a span, whose record never changes again.
    pub(super) late_numbers: Vec<LateNumber>,
}

impl Chunk {
    /// Returns the trace of all spans.
    #[inline]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Returns the id of the process that began the trace. No other process sends its spans, so it
    /// is the one that is running.
    pub fn process_id(&self) -> u32 {
        self.process
    }

    /// Returns the sampling decision. The decision is made before a chunk leaves, so it is always
    /// present.
    #[inline]
    pub fn sampling_priority(&self) -> Option<SamplingPriority> {
        self.priority
    }

    /// Replaces the sampling decision of this chunk; that of its trace does not change.
    pub fn set_sampling_priority(&mut self, priority: SamplingPriority) {
        self.priority = Some(priority);
    }

    /// Returns the tags of the trace, without the high bits of its id.
    #[inline]
    pub fn trace_tags(&self) -> &TraceTags {
        self.verdict.as_ref().map_or(&self.remote().trace_tags, |verdict| &verdict.tags)
    }

    /// Returns the numbers that the decision put on the local root.
    #[inline]
    pub fn root_metrics(&self) -> &[(&'static str, f64)] {
        self.verdict.as_ref().map_or(&[], |verdict| &verdict.root_metrics[..])
    }

    /// Returns the context that the trace continues, with origin, last parent and propagation
    /// error.
    #[inline]
    pub fn remote(&self) -> &SpanContext {
        self.remote.as_deref().unwrap_or_else(|| SpanContext::empty())
    }

    /// Returns the number of spans.
    #[inline]
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether there are no spans. A chunk has at least one, unless they were removed from it.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Returns the spans. They have finished, so reading them takes no lock.
    #[inline]
    pub fn spans(&self) -> impl ExactSizeIterator<Item = FinishedSpan<'_>> {
        self.states.iter().enumerate().map(|(index, state)| self.look(index, state))
    }

    /// Returns the span at this place.
    #[inline]
    pub fn span(&self, index: usize) -> Option<FinishedSpan<'_>> {
        self.states.get(index).map(|state| self.look(index, state))
    }

    #[inline]
    fn look<'a>(&'a self, index: usize, state: &'a State) -> FinishedSpan<'a> {
        FinishedSpan::in_chunk(state, index, &self.late_numbers)
    }

    /// Sets a number on the span at this place, for decisions made after the end of the span.
    pub fn set_number(&mut self, index: usize, key: &'static str, value: f64) {
        if index < self.len() && value.is_finite() {
            self.late_numbers.retain(|(place, name, _)| (*place, *name) != (index, key));
            self.late_numbers.push((index, key, value));
        }
    }

    /// Changes the span at this place after its end. Handles of the application still show the span
    /// as it finished.
    pub fn edit(&mut self, index: usize, edit: impl FnOnce(&mut FinishedSpanEdit<'_>)) {
        if let Some(state) = self.states.get_mut(index) {
            edit(&mut FinishedSpanEdit(Arc::make_mut(state))); // A copy, if there are handles.
        }
    }

    /// Removes all spans.
    pub fn clear(&mut self) {
        self.states.clear();
        self.late_numbers.clear();
    }

    /// Removes the spans for which `keep` returns false.
    pub fn retain(&mut self, mut keep: impl FnMut(&FinishedSpan<'_>) -> bool) {
        let kept: SmallVec<[bool; 16]> = self.spans().map(|span| keep(&span)).collect();
        if !self.late_numbers.is_empty() {
            self.move_late_numbers(&kept);
        }
        let mut kept = kept.into_iter();
        self.states.retain(|_| kept.next().unwrap_or(false));
    }

    /// Removes the numbers of spans that are not kept, and moves the others along with their spans.
    fn move_late_numbers(&mut self, kept: &[bool]) {
        let mut free = 0..;
        // The new place of each span; `None` for one that is removed.
        let places: Vec<_> = kept.iter().map(|kept| kept.then(|| free.next()).flatten()).collect();
        let place = |index: usize| places.get(index).copied().flatten();
        let late = mem::take(&mut self.late_numbers).into_iter();
        let moved = late.filter_map(|(index, key, value)| Some((place(index)?, key, value)));
        self.late_numbers = moved.collect();
    }

    /// Leaves the first `count` spans here and returns the others as a chunk of the same trace;
    /// `None`, without any change, if one of the two would be empty.
    pub fn split_off(&mut self, count: usize) -> Option<Self> {
        if !(1..self.len()).contains(&count) {
            return None;
        }
        let later = self.late_numbers.extract_if(.., |(index, ..)| *index >= count);
        let late_numbers = later.map(|(index, key, value)| (index - count, key, value)).collect();
        Some(Self {
            trace_id: self.trace_id,
            process: self.process,
            priority: self.priority,
            verdict: self.verdict.clone(),
            remote: self.remote.clone(),
            held: self.held.split(count, self.states.len()),
            states: self.states.drain(count..).collect(),
            late_numbers,
        })
    }

    /// Returns an upper estimate of the bytes of the encoded chunk, including the memory that it
    /// takes until then.
    pub fn memory_bytes(&self) -> usize {
        self.held.bytes()
    }

    /// Sorts the spans: the local root first, then the others in the order of their start.
    ///
    /// Call it before [`set_number`](Chunk::set_number), because it changes the places of spans.
    pub fn sort(&mut self) {
        if self.states.len() < 2 {
            return; // One span needs no look at its state, which has left the cache long ago.
        }
        // The root usually finishes last, after its children in the order of their start: then this
        // is a look at each.
        if self.states.last().is_some_and(|state| state.is_local_root) {
            self.states.rotate_right(1);
        }
        self.states.sort_by_key(|state| (!state.is_local_root, state.start));
    }
}
