//! One span as an implementation reads it.

use super::{KeyBits, PackedTags, State, TagBytes};
use crate::values::{SpanEvent, SpanId, SpanLink, TagRef};

/// The place of a span in its chunk, and a number on it.
pub(super) type LateNumber = (usize, &'static str, f64);

/// A read-only view of one span.
#[derive(Debug)]
pub struct FinishedSpan<'a> {
    state: &'a State,
    /// The place of the span in its chunk, and the numbers of the chunk.
    index: usize,
    late_numbers: &'a [LateNumber],
}

impl<'a> FinishedSpan<'a> {
    /// Also a view of one that is still open, as a local root may be when its trace is decided.
    pub(crate) fn of(state: &'a State) -> Self {
        Self::in_chunk(state, 0, &[])
    }

    #[inline]
    pub(super) fn in_chunk(state: &'a State, index: usize, late_numbers: &'a [LateNumber]) -> Self {
        Self { state, index, late_numbers }
    }

    /// Returns the id of the span.
    #[inline]
    pub fn span_id(&self) -> SpanId {
        self.state.id.unwrap_or(SpanId::MIN) // It has started.
    }

    /// Returns the parent, local or remote.
    #[inline]
    pub fn parent_id(&self) -> Option<SpanId> {
        self.state.parent_id
    }

    /// Whether it is the first span of the trace in this process.
    #[inline]
    pub fn is_local_root(&self) -> bool {
        self.state.is_local_root
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
        self.state.start
    }

    /// Returns the duration in nanoseconds, at least 1; zero while it is open.
    #[inline]
    pub fn duration(&self) -> i64 {
        self.state.duration
    }

    /// Whether it is marked as an error.
    #[inline]
    pub fn is_error(&self) -> bool {
        self.state.is_error
    }

    /// Returns the value of one tag.
    #[inline]
    pub fn tag(&self, key: &str) -> Option<TagRef<'_>> {
        let late = self.late_numbers().find(|(name, _)| *name == key);
        late.map(|(_, value)| value).or_else(|| self.state.tags.get(key))
    }

    /// Returns the tags of the span itself in MessagePack; `None` if some of them have to be written
    /// first, or are not among them.
    ///
    /// For encoders, like [`common_tags`](FinishedSpan::common_tags), which are the others.
    #[inline]
    pub fn packed_tags(&self) -> Option<PackedTags<'_>> {
        if self.late_numbers.is_empty() { self.state.tags.own().packed() } else { None }
    }

    /// Returns the tags of every span that this one does not have itself.
    #[inline]
    pub fn common_tags(&self) -> impl Iterator<Item = (&str, TagRef<'_>)> {
        self.state.tags.common()
    }

    /// Returns a guess at the keys of all tags.
    #[inline]
    pub fn key_bits(&self) -> KeyBits {
        let tags = &self.state.tags;
        let keys = tags.own().keys().and(tags.common_keys());
        if self.late_numbers.is_empty() {
            return keys;
        }
        self.late_numbers().map(|(key, _)| key).collect::<KeyBits>().and(keys)
    }

    /// Returns the tags in the order in which they were first set, and then those of every span.
    pub fn tags(&self) -> impl Iterator<Item = (&str, TagRef<'_>)> {
        self.with_late_numbers(self.state.tags.iter())
    }

    /// Shows the [`tags`](FinishedSpan::tags) whose keys may be among these, and perhaps others.
    ///
    /// For statistics, which look at a few tags of each span.
    #[inline]
    pub fn show_tags_among<'s>(
        &'s self,
        keys: KeyBits,
        mut see: impl FnMut(&'s [u8], TagBytes<'s>),
    ) {
        let tags = &self.state.tags;
        if self.late_numbers.is_empty() {
            tags.own().show_among(keys, &mut see);
            tags.common().for_each(|(key, value)| see(key.as_bytes(), TagBytes::of(value)));
        } else {
            self.tags().for_each(|(key, value)| see(key.as_bytes(), TagBytes::of(value)));
        }
    }

    /// Adds the numbers of the chunk, which replace tags.
    fn with_late_numbers<'s>(
        &'s self,
        tags: impl Iterator<Item = (&'s str, TagRef<'s>)>,
    ) -> impl Iterator<Item = (&'s str, TagRef<'s>)> {
        let has_late = !self.late_numbers.is_empty();
        let is_late = move |key| has_late && self.late_numbers().any(|(name, _)| name == key);
        tags.filter(move |(key, _)| !is_late(*key)).chain(self.late_numbers())
    }

    fn late_numbers(&self) -> impl Iterator<Item = (&str, TagRef<'_>)> {
        let own = self.late_numbers.iter().filter(|(index, ..)| *index == self.index);
        own.map(|(_, key, value)| (*key, TagRef::from(*value)))
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
    use super::*;
    use crate::recorder::tracer;

    #[test]
    fn packed_tags_are_the_texts_and_numbers_unless_a_number_comes_late() {
        let (tracer, recorder) = tracer();
        tracer.set_tags([("team", "snacks"), ("version", "1")]);
        drop(tracer.span("root").tag("version", "2").tag("size", 3).start());
        let mut chunks = recorder.chunks();
        let span = chunks[0].span(0).unwrap();
        let packed = span.packed_tags().unwrap();
        assert_eq!((packed.texts, packed.text_count), (&b"\xa7version\xa12"[..], 1));
        let number = [&b"\xa4size\xcb"[..], &3_f64.to_be_bytes()].concat();
        assert_eq!((packed.numbers, packed.number_count), (&number[..], 1));
        assert_eq!(span.common_tags().collect::<Vec<_>>(), [("team", TagRef::from("snacks"))]);

        chunks[0].set_number(0, "size", 4.0);
        let span = chunks[0].span(0).unwrap();
        assert!(span.packed_tags().is_none());
        assert_eq!(span.tags().last(), Some(("size", TagRef::from(4.0))));
        assert_eq!(span.tags().count(), 3);
    }

    #[test]
    fn tags_are_shown_in_bytes_with_those_of_all_spans_and_late_numbers() {
        let (tracer, recorder) = tracer();
        tracer.set_tags([("team", "snacks")]);
        drop(tracer.span("root").tag("version", "2").tag("size", 3).start());
        let mut chunks = recorder.chunks();
        let shown = |span: &FinishedSpan<'_>, wanted: &[&str]| {
            let mut shown = Vec::new();
            span.show_tags_among(wanted.iter().copied().collect(), |key, value| {
                if wanted.iter().any(|wanted| wanted.as_bytes() == key) {
                    shown.push((String::from_utf8_lossy(key).into_owned(), format!("{value:?}")));
                }
            });
            shown
        };
        let text = |key: &str, text: &str| (key.to_owned(), format!("Text({:?})", text.as_bytes()));
        let number = |key: &str, number: &str| (key.to_owned(), format!("Number({number})"));
        let span = chunks[0].span(0).unwrap();
        let all = ["team", "size", "version"];
        let expected = [text("version", "2"), number("size", "3.0"), text("team", "snacks")];
        assert_eq!(shown(&span, &all), expected);
        assert_eq!(shown(&span, &["size"]), [number("size", "3.0")]);
        chunks[0].set_number(0, "size", 4.0);
        let span = chunks[0].span(0).unwrap();
        assert_eq!(shown(&span, &["size"]), [number("size", "4.0")]);
    }
}
