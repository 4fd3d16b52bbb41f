//! A span of `/v0.4/traces`: a map whose keys are those of [`WireSpan`].
//!
//! Written by hand: one walk over the tags, and no list in between. The structs that say the same
//! in twenty lines are [a test](super::schema), which compares the bytes.

use packdog_api::implementation::{Chunk, FinishedSpan, PackedTags};
use rmp_serde::{Serializer, encode::Error};
use serde::Serialize;

use super::{
    constants::Constants,
    decision_tags::DecisionTags,
    events::Events,
    format::Format,
    inline_texts::InlineTexts,
    link::Links,
    pack,
    span::{TagSink, Tags, WireSpan},
};

/// Memory that is used again for each span.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The numbers of the span, until its texts are complete.
    pub(super) numbers: Vec<u8>,
    pub(super) decided: DecisionTags,
}

/// The fields that every span has.
const FIELDS: u32 = 8;

/// Encodes one span, and gives up soon after the buffer is longer than `limit`.
pub(super) fn encode(
    span: &WireSpan<'_, impl Tags>,
    format: Format,
    limit: usize,
    scratch: &mut Scratch,
    buffer: &mut Vec<u8>,
) -> Result<(), Error> {
    let start = pack::begin_map(buffer);
    let mut fields = FIELDS;
    text_field(buffer, *b"\xa7service\xa0", span.service);
    text_field(buffer, *b"\xa4name\xa0", span.name);
    text_field(buffer, *b"\xa8resource\xa0", span.resource);
    if !push_long_numbers(span, buffer) {
        buffer.extend_from_slice(b"\xa8trace_id");
        pack::unsigned(buffer, span.trace_id);
        buffer.extend_from_slice(b"\xa7span_id");
        pack::unsigned(buffer, span.span_id);
        buffer.extend_from_slice(b"\xa9parent_id");
        pack::unsigned(buffer, span.parent_id);
        buffer.extend_from_slice(b"\xa5start");
        pack::signed(buffer, span.start);
        buffer.extend_from_slice(b"\xa8duration");
    }
    pack::signed(buffer, span.duration);
    if span.is_error {
        buffer.extend_from_slice(b"\xa5error\x01");
        fields += 1;
    }
    fields += tags(span, format, limit, scratch, buffer);
    if !span.span_type.is_empty() {
        text_field(buffer, *b"\xa4type\xa0", span.span_type);
        fields += 1;
    }
    if format.has_links() && !span.links.is_empty() {
        buffer.extend_from_slice(b"\xaaspan_links");
        Links(span.links).serialize(&mut Serializer::new(&mut *buffer).with_struct_map())?;
        fields += 1;
    }
    if format.has_events() && !span.events.is_empty() {
        buffer.extend_from_slice(b"\xabspan_events");
        Events(span.events).serialize(&mut Serializer::new(&mut *buffer).with_struct_map())?;
        fields += 1;
    }
    pack::end_map(buffer, start, fields);
    Ok(())
}

/// Writes a text behind its key, which comes with the header of an empty text: key and header at
/// once, for nearly all texts are short.
#[inline]
fn text_field<const N: usize>(buffer: &mut Vec<u8>, mut start: [u8; N], text: &str) {
    if text.len() > pack::MAX_SHORT_TEXT {
        buffer.extend_from_slice(start.get(..N - 1).unwrap_or_default());
        return pack::text(buffer, text);
    }
    if let Some(header) = start.last_mut() {
        *header |= text.len() as u8;
    }
    buffer.extend_from_slice(&start);
    buffer.extend_from_slice(text.as_bytes());
}

/// Writes ids and start with their keys, and the key of the duration: as long as these numbers are in
/// nearly every root and in nearly every span below another one. At once, this takes a third of the
/// instructions. Returns `false`, and writes nothing, if one of them is shorter.
fn push_long_numbers(span: &WireSpan<'_, impl Tags>, buffer: &mut Vec<u8>) -> bool {
    const OF_ROOT: &[u8; 70] = b"\xa8trace_id\xcf........\xa7span_id\xcf........\
        \xa9parent_id\x00\xa5start\xcf........\xa8duration";
    const OF_CHILD: &[u8; 78] = b"\xa8trace_id\xcf........\xa7span_id\xcf........\
        \xa9parent_id\xcf........\xa5start\xcf........\xa8duration";

    let is_long = |number: u64| number > u64::from(u32::MAX);
    let (trace, id, parent) = (span.trace_id, span.span_id, span.parent_id);
    let start = u64::try_from(span.start).unwrap_or(0);
    if ![trace, id, start].into_iter().all(is_long) {
        return false;
    }
    match parent {
        0 => {
            let numbers = filled(*OF_ROOT, [(10, trace), (27, id), (53, start)]);
            buffer.extend_from_slice(&numbers);
        }
        _ if is_long(parent) => {
            let numbers = filled(*OF_CHILD, [(10, trace), (27, id), (46, parent), (61, start)]);
            buffer.extend_from_slice(&numbers);
        }
        _ => return false,
    }
    true
}

/// Writes each number at its place.
#[inline]
fn filled<const BYTES: usize, const NUMBERS: usize>(
    mut bytes: [u8; BYTES],
    numbers: [(usize, u64); NUMBERS],
) -> [u8; BYTES] {
    for (at, number) in numbers {
        if let Some(place) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = number.to_be_bytes();
        }
    }
    bytes
}

/// `meta` and `metrics`, each unless it is empty; returns how many of them were written.
fn tags(
    span: &WireSpan<'_, impl Tags>,
    format: Format,
    limit: usize,
    Scratch { numbers, decided }: &mut Scratch,
    buffer: &mut Vec<u8>,
) -> u32 {
    let before = buffer.len();
    buffer.extend_from_slice(b"\xa4meta\x80");
    let start = buffer.len() - 1; // The header of the map.
    numbers.clear();
    let mut sink = Sink { limit, texts: buffer, text_count: 0, numbers, number_count: 0, decided };
    if span.links.is_empty() && span.events.is_empty() {
        span.tags.show(&InlineTexts::NONE, &mut sink); // Nearly all spans.
    } else {
        span.tags.show(&InlineTexts::of(span.links, span.events, format), &mut sink);
    }
    let (texts, number_count) = (sink.text_count, sink.number_count);
    if texts > 0 {
        pack::end_map(buffer, start, texts);
    } else {
        buffer.truncate(before);
    }
    if number_count > 0 {
        buffer.extend_from_slice(b"\xa7metrics");
        let start = pack::begin_map(buffer);
        buffer.extend_from_slice(numbers);
        pack::end_map(buffer, start, number_count);
    }
    u32::from(texts > 0) + u32::from(number_count > 0)
}

/// Texts go where they belong; numbers have to wait until the texts are complete.
struct Sink<'a> {
    limit: usize,
    texts: &'a mut Vec<u8>,
    text_count: u32,
    numbers: &'a mut Vec<u8>,
    number_count: u32,
    decided: &'a mut DecisionTags,
}

impl TagSink for Sink<'_> {
    #[inline]
    fn text(&mut self, key: &str, value: &str) {
        if self.texts.len() <= self.limit {
            pack::text(self.texts, key);
            pack::text(self.texts, value);
            self.text_count += 1;
        }
    }

    #[inline]
    fn hex(&mut self, key: &str, value: u64) {
        if self.texts.len() <= self.limit {
            pack::text(self.texts, key);
            pack::hex(self.texts, value);
            self.text_count += 1;
        }
    }

    #[inline]
    fn number(&mut self, key: &str, value: f64) {
        pack::text(self.numbers, key);
        pack::float(self.numbers, value);
        self.number_count += 1;
    }

    /// Copies them at once: a span stores its tags as this format has them.
    #[inline]
    fn own_tags(&mut self, span: &FinishedSpan<'_>) {
        let fits = |packed: &PackedTags<'_>| self.texts.len() + packed.texts.len() <= self.limit;
        let Some(packed) = span.packed_tags().filter(fits) else {
            return span.tags().for_each(|(key, value)| self.tag(key, value));
        };
        self.texts.extend_from_slice(packed.texts);
        self.text_count += packed.text_count;
        if packed.number_count > 0 {
            self.numbers.extend_from_slice(packed.numbers);
            self.number_count += packed.number_count;
        }
        span.common_tags().for_each(|(key, value)| self.tag(key, value));
    }

    fn decided(&mut self, chunk: &Chunk, add: impl FnOnce(&mut Self)) {
        if self.decided.are_those_of(chunk) {
            self.texts.extend_from_slice(&self.decided.texts);
            self.text_count += self.decided.text_count;
            self.numbers.extend_from_slice(&self.decided.numbers);
            self.number_count += self.decided.number_count;
            return;
        }
        let before = (self.texts.len(), self.text_count, self.numbers.len(), self.number_count);
        add(self);
        if self.texts.len() <= self.limit && DecisionTags::may_be_shared(chunk) {
            let texts = self.texts.get(before.0..).unwrap_or_default();
            let numbers = self.numbers.get(before.2..).unwrap_or_default();
            let counts = (self.text_count - before.1, self.number_count - before.3);
            self.decided.remember(chunk, (texts, counts.0), (numbers, counts.1));
        }
    }

    #[inline]
    fn constants(&mut self, constants: &Constants) {
        self.texts.extend_from_slice(constants.encoded());
        self.text_count += constants.len();
    }
}
