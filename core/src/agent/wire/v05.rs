//! A span of `/v0.5/traces`: an array of twelve, whose texts are indices into a table.
//!
//! Links and events are among the texts. The corresponding struct is
//! [a test](super::schema), which compares the bytes.

use super::{
    format::Format,
    inline_texts::InlineTexts,
    pack,
    span::{TagSink, Tags, WireSpan},
    strings::Strings,
};

/// service, name, resource, trace_id, span_id, parent_id, start, duration, error, meta, metrics, type
const FIELDS: u32 = 12;

/// Encodes one span, and adds its texts to the table; gives up soon after the table is longer
/// than `limit`.
pub(super) fn encode(
    span: &WireSpan<'_, impl Tags>,
    format: Format,
    limit: usize,
    strings: &mut Strings,
    numbers: &mut Vec<u8>,
    buffer: &mut Vec<u8>,
) {
    pack::array(buffer, FIELDS);
    for text in [span.service, span.name, span.resource] {
        pack::unsigned(buffer, strings.index(text).into());
    }
    for id in [span.trace_id, span.span_id, span.parent_id] {
        pack::unsigned(buffer, id);
    }
    pack::signed(buffer, span.start);
    pack::signed(buffer, span.duration);
    pack::unsigned(buffer, span.is_error.into());

    numbers.clear();
    let start = pack::begin_map(buffer);
    let mut sink = Sink { limit, strings, texts: buffer, text_count: 0, numbers, number_count: 0 };
    span.tags.show(&InlineTexts::of(span.links, span.events, format), &mut sink);
    let (text_count, number_count) = (sink.text_count, sink.number_count);
    pack::end_map(buffer, start, text_count);
    let start = pack::begin_map(buffer);
    buffer.extend_from_slice(numbers);
    pack::end_map(buffer, start, number_count);

    pack::unsigned(buffer, strings.index(span.span_type).into());
}

struct Sink<'a> {
    limit: usize,
    strings: &'a mut Strings,
    texts: &'a mut Vec<u8>,
    text_count: u32,
    numbers: &'a mut Vec<u8>,
    number_count: u32,
}

impl TagSink for Sink<'_> {
    fn text(&mut self, key: &str, value: &str) {
        if self.strings.encoded().len() <= self.limit {
            pack::unsigned(self.texts, self.strings.index(key).into());
            pack::unsigned(self.texts, self.strings.index(value).into());
            self.text_count += 1;
        }
    }

    fn number(&mut self, key: &str, value: f64) {
        pack::unsigned(self.numbers, self.strings.index(key).into());
        pack::float(self.numbers, value);
        self.number_count += 1;
    }
}
