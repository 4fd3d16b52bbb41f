//! The body of `/v0.4/traces`: an array of chunks, each an array of spans, each a map.
//!
//! The structs are the schema: order, names and what is left out when empty. They borrow from
//! the spans, which are locked one after the other while they are encoded.

use packdog_api::{
    SpanLink,
    implementer::{Chunk, FinishedSpan},
};
use serde::{Serialize, Serializer, ser::SerializeSeq};

use super::tags::{Added, ChunkTags, Origin, SpanTags, Value};

#[derive(Serialize)]
struct Span<'a> {
    service: &'a str,
    name: &'a str,
    resource: &'a str,
    trace_id: u64,
    span_id: u64,
    parent_id: u64,
    start: i64,
    duration: i64,
    #[serde(skip_serializing_if = "is_zero")]
    error: i32,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    meta: Texts<'a>,
    #[serde(skip_serializing_if = "Numbers::is_empty")]
    metrics: Numbers<'a>,
    #[serde(rename = "type", skip_serializing_if = "str::is_empty")]
    span_type: &'a str,
    #[serde(skip_serializing_if = "Links::is_empty")]
    span_links: Links<'a>,
}

#[derive(Serialize)]
struct Link<'a> {
    trace_id: u64,
    trace_id_high: u64,
    span_id: u64,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracestate: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<u32>,
}

/// Says that the sampling flag of a link is known: without it, zero would mean unknown.
const FLAGS_ARE_KNOWN: u32 = 1 << 31;

/// The spans of one chunk, as they go on the wire.
pub(super) struct ChunkSpans<'a> {
    chunk: &'a Chunk,
    tags: ChunkTags<'a>,
}

impl<'a> ChunkSpans<'a> {
    pub(super) fn of(chunk: &'a Chunk, origin: &'a Origin) -> Self {
        Self { chunk, tags: ChunkTags::of(chunk, origin) }
    }
}

impl Serialize for ChunkSpans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.chunk.len()))?;
        let trace_id = self.chunk.trace_id().low();
        for (index, span) in self.chunk.spans().enumerate() {
            let added = Added::to(&span, index == 0, &self.tags);
            sequence.serialize_element(&Span::of(&span, trace_id, added.all()))?;
        }
        sequence.end()
    }
}

impl<'a> Span<'a> {
    fn of(span: &'a FinishedSpan<'a>, trace_id: u64, tags: SpanTags<'a>) -> Self {
        Self {
            service: span.service(),
            name: span.name(),
            resource: span.resource(),
            trace_id,
            span_id: span.span_id().to_u64(),
            parent_id: span.parent_id().map_or(0, |id| id.to_u64()),
            start: span.start(),
            duration: span.duration(),
            error: i32::from(span.is_error()),
            meta: Texts(tags),
            metrics: Numbers(tags),
            span_type: span.span_type(),
            span_links: Links(span.links()),
        }
    }
}

fn is_zero(number: &i32) -> bool {
    *number == 0
}

struct Texts<'a>(SpanTags<'a>);

impl Texts<'_> {
    fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(key, value)| match value {
            Value::Text(text) => Some((key, text)),
            Value::Number(_) => None,
        })
    }

    fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        counted_map(serializer, || self.iter())
    }
}

struct Numbers<'a>(SpanTags<'a>);

impl Numbers<'_> {
    fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().filter_map(|(key, value)| match value {
            Value::Number(number) => Some((key, number)),
            Value::Text(_) => None,
        })
    }

    fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        counted_map(serializer, || self.iter())
    }
}

struct Attributes<'a>(&'a SpanLink);

impl Attributes<'_> {
    fn is_empty(&self) -> bool {
        self.0.attributes().len() == 0
    }
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.attributes())
    }
}

struct Links<'a>(&'a [SpanLink]);

impl Links<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Links<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|link| Link {
            trace_id: link.trace_id().low(),
            trace_id_high: link.trace_id().high(),
            span_id: link.span_id().to_u64(),
            attributes: Attributes(link),
            tracestate: link.tracestate(),
            flags: link.is_sampled().map(|is_sampled| FLAGS_ARE_KNOWN | u32::from(is_sampled)),
        }))
    }
}

/// MessagePack writes the length of a map before its items, and a filtered list of tags knows it
/// only after a walk: so there are two walks, and no list in between.
fn counted_map<'a, S, I, V>(serializer: S, items: impl Fn() -> I) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    I: Iterator<Item = (&'a str, V)>,
    V: Serialize,
{
    use serde::ser::SerializeMap;

    let mut map = serializer.serialize_map(Some(items().count()))?;
    for (key, value) in items() {
        map.serialize_entry(key, &value)?;
    }
    map.end()
}
