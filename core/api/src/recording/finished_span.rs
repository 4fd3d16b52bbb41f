//! One span as an implementation reads it.

use super::{Record, record::StateRef};
use crate::values::{SpanEvent, SpanId, SpanLink, TagValue};

/// The place of a span in its chunk, and a number on it.
pub(super) type LateNumber = (usize, &'static str, TagValue);

/// A read-only view of one span. A span that is still open, as a local root may be when its trace
/// is decided, stays locked while the view exists.
#[derive(Debug)]
pub struct FinishedSpan<'a> {
    record: &'a Record,
    state: StateRef<'a>,
    /// The place of the span in its chunk, and the numbers of the chunk.
    index: usize,
    late_numbers: &'a [LateNumber],
}

impl<'a> FinishedSpan<'a> {
    pub(crate) fn of(record: &'a Record) -> Self {
        Self::in_chunk(record, 0, &[])
    }

    pub(super) fn in_chunk(
        record: &'a Record,
        index: usize,
        late_numbers: &'a [LateNumber],
    ) -> Self {
        Self { record, state: record.state(), index, late_numbers }
    }

    /// Returns the id of the span.
    #[inline]
    pub fn span_id(&self) -> SpanId {
        self.record.id
    }

    /// Returns the parent, local or remote.
    #[inline]
    pub fn parent_id(&self) -> Option<SpanId> {
        self.record.parent_id
    }

    /// Whether it is the first span of the trace in this process.
    #[inline]
    pub fn is_local_root(&self) -> bool {
        self.record.is_local_root
    }

    /// Whether it is the first span of its service: it has no local parent, or its local parent has
    /// another service.
    #[inline]
    pub fn is_top_level(&self) -> bool {
        self.state.is_top_level
    }

    /// Returns the service.
    #[inline]
    pub fn service(&self) -> &str {
        &self.state.service
    }

    /// Returns the operation name.
    #[inline]
    pub fn name(&self) -> &str {
        &self.state.name
    }

    /// Returns the resource; the operation name if none was set.
    #[inline]
    pub fn resource(&self) -> &str {
        self.state.resource.as_ref().unwrap_or(&self.state.name)
    }

    /// Returns the type, such as `web`; empty if none was set.
    #[inline]
    pub fn span_type(&self) -> &str {
        &self.state.span_type
    }

    /// Returns the start in nanoseconds of Unix time.
    #[inline]
    pub fn start(&self) -> i64 {
        self.state.start.unwrap_or(0)
    }

    /// Returns the duration in nanoseconds, at least 1; zero while it is open.
    #[inline]
    pub fn duration(&self) -> i64 {
        self.state.duration.unwrap_or(0)
    }

    /// Whether it is marked as an error.
    #[inline]
    pub fn is_error(&self) -> bool {
        self.state.is_error
    }

    /// Returns the value of one tag.
    pub fn tag(&self, key: &str) -> Option<&TagValue> {
        let late = self.late_numbers().find(|(name, _)| *name == key);
        late.map(|(_, value)| value).or_else(|| self.state.tags.get(key))
    }

    /// Shows the tags, in the order of [`tags`](FinishedSpan::tags).
    ///
    /// For encoders: a loop over each list, where the iterator would ask at each tag in which list
    /// it is, and in another package at that.
    #[inline]
    pub fn each_tag<'s>(&'s self, mut see: impl FnMut(&'s str, &'s TagValue)) {
        if !self.late_numbers.is_empty() {
            return self.tags().for_each(|(key, value)| see(key, value));
        }
        self.state.tags.own().for_each(|(key, value)| see(key, value));
        self.state.tags.common().for_each(|(key, value)| see(key, value));
    }

    /// Returns the tags in the order in which they were first set, and then those of every span.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &TagValue)> {
        let has_late = !self.late_numbers.is_empty();
        let is_late = move |key| has_late && self.late_numbers().any(|(name, _)| name == key);
        let own = self.state.tags.iter().filter(move |(key, _)| !is_late(*key));
        own.chain(self.late_numbers())
    }

    fn late_numbers(&self) -> impl Iterator<Item = (&str, &TagValue)> {
        let own = self.late_numbers.iter().filter(|(index, ..)| *index == self.index);
        own.map(|(_, key, value)| (*key, value))
    }

    /// Returns the links.
    #[inline]
    pub fn links(&self) -> &[SpanLink] {
        &self.state.links
    }

    /// Returns the events.
    #[inline]
    pub fn events(&self) -> &[SpanEvent] {
        &self.state.events
    }
}

#[cfg(test)]
mod tests {
    use crate::recorder::tracer;

    #[test]
    fn each_tag_is_shown_as_the_iterator_yields_it_also_with_late_numbers() {
        let (tracer, recorder) = tracer();
        tracer.set_tags([("team", "snacks"), ("version", "1")]);
        drop(tracer.span("root").tag("version", "2").tag("size", 3).start());
        let mut chunks = recorder.chunks();
        for late in [None, Some(4.0)] {
            if let Some(number) = late {
                chunks[0].set_number(0, "size", number);
            }
            let span = chunks[0].span(0).unwrap();
            let mut shown = Vec::new();
            span.each_tag(|key, value| shown.push((key, value)));
            assert_eq!(shown, span.tags().collect::<Vec<_>>());
            assert_eq!(shown.len(), 3);
        }
    }
}
