//! One span as it goes on the wire: the schema of all formats.

use packdog_api::{
    SpanEvent, SpanLink, TagRef,
    implementation::{Chunk, FinishedSpan},
};

use super::{constants::Constants, inline_texts::InlineTexts};
use crate::propagation::Hex;

/// A span, borrowed while it is encoded.
#[derive(Clone, Debug)]
#[allow(
    missing_docs,
    unreachable_pub,
    reason = "public with `test-util` alone; the names are those of the format"
)]
pub struct WireSpan<'a, T> {
    pub service: &'a str,
    pub name: &'a str,
    pub resource: &'a str,
    pub span_type: &'a str,
    /// The low half.
    pub trace_id: u64,
    pub span_id: u64,
    /// Zero for none.
    pub parent_id: u64,
    pub start: i64,
    pub duration: i64,
    pub is_error: bool,
    pub tags: T,
    pub links: &'a [SpanLink],
    pub events: &'a [SpanEvent],
}

/// The tags of one span.
pub(super) trait Tags {
    /// Shows each tag once, those for links and events that have no field included.
    fn show(&self, inlined: &InlineTexts, sink: &mut impl TagSink);
}

/// An encoder that takes tags one by one.
pub(super) trait TagSink {
    /// Takes a tag of `meta`.
    fn text(&mut self, key: &str, value: &str);

    /// Takes a tag of `meta` whose value is sixteen hex digits.
    fn hex(&mut self, key: &str, value: u64) {
        self.text(key, Hex::of(value).as_str());
    }

    /// Takes a tag of `metrics`.
    fn number(&mut self, key: &str, value: f64);

    /// Takes a tag of either.
    fn tag(&mut self, key: &str, value: TagRef<'_>) {
        match (value.as_f64(), value.as_str()) {
            (Some(number), _) => self.number(key, number),
            (None, Some(text)) => self.text(key, text),
            (None, None) => {}
        }
    }

    /// Takes the tags of a finished span.
    fn own_tags(&mut self, span: &FinishedSpan<'_>) {
        span.tags().for_each(|(key, value)| self.tag(key, value));
    }

    /// Takes the tags that the decision about a chunk and the process put on its root, which `add`
    /// adds one by one.
    fn decided(&mut self, chunk: &Chunk, add: impl FnOnce(&mut Self))
    where
        Self: Sized,
    {
        let _ = chunk;
        add(self);
    }

    /// Takes tags that many spans have alike.
    fn constants(&mut self, constants: &Constants) {
        for (key, value) in constants.iter() {
            self.text(key, value);
        }
    }
}
