//! A chunk of `/v0.4/traces`: an array of spans, each a map.
//!
//! The structs are the schema: order, names and what is left out when empty. They borrow from
//! the spans, which are locked one after the other while they are encoded.

use packdog_api::SpanLink;
use rmp_serde::encode::Error;
use serde::{Serialize, Serializer, ser::SerializeSeq};

use super::{
    events::Events,
    format::Format,
    span::{Spans, WireSpan},
    tags::{SpanTags, Value},
};

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
    #[serde(skip_serializing_if = "Events::is_empty")]
    span_events: Events<'a>,
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

/// Encodes one chunk.
pub(super) fn encode(
    spans: &impl Spans,
    format: Format,
    buffer: &mut Vec<u8>,
) -> Result<(), Error> {
    let mut serializer = rmp_serde::Serializer::new(buffer).with_struct_map();
    let mut sequence = serializer.serialize_seq(Some(spans.count()))?;
    spans.for_each(format, |span| sequence.serialize_element(&Span::of(span)))?;
    sequence.end()
}

impl<'a> Span<'a> {
    fn of(span: &WireSpan<'a>) -> Self {
        Self {
            service: span.service,
            name: span.name,
            resource: span.resource,
            trace_id: span.trace_id,
            span_id: span.span_id,
            parent_id: span.parent_id,
            start: span.start,
            duration: span.duration,
            error: i32::from(span.is_error),
            meta: Texts(span.tags),
            metrics: Numbers(span.tags),
            span_type: span.span_type,
            span_links: Links(span.links),
            span_events: Events(span.events),
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

/// The attributes of a link, which are texts in every format.
pub(super) struct Attributes<'a>(pub(super) &'a SpanLink);

impl Attributes<'_> {
    pub(super) fn is_empty(&self) -> bool {
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
