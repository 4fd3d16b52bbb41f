//! A chunk of `/v0.5/traces`: an array of spans, each an array of twelve whose texts are indices.
//!
//! The struct is the schema. Links and events are among the texts already.

use rmp_serde::{Serializer, encode::Error};
use serde::{Serialize, Serializer as _, ser::SerializeSeq};

use super::{
    format::Format,
    span::{Spans, WireSpan},
    strings::Strings,
    tags::Value,
};

#[derive(Serialize)]
struct Span(
    u32,        // service
    u32,        // name
    u32,        // resource
    u64,        // trace_id, the low half
    u64,        // span_id
    u64,        // parent_id
    i64,        // start
    i64,        // duration
    i32,        // error
    Pairs<u32>, // meta
    Pairs<f64>, // metrics
    u32,        // type
);

/// Encodes one chunk, and adds its texts.
pub(super) fn encode(
    spans: &impl Spans,
    format: Format,
    strings: &mut Strings,
    buffer: &mut Vec<u8>,
) -> Result<(), Error> {
    let mut serializer = Serializer::new(buffer);
    let mut sequence = serializer.serialize_seq(Some(spans.count()))?;
    spans.for_each(format, |span| sequence.serialize_element(&Span::of(span, strings)?))?;
    sequence.end()
}

impl Span {
    fn of(span: &WireSpan<'_>, strings: &mut Strings) -> Result<Self, Error> {
        let (mut meta, mut metrics) = (Vec::new(), Vec::new());
        for (key, value) in span.tags.iter() {
            let key = strings.index(key)?;
            match value {
                Value::Text(text) => meta.push((key, strings.index(text)?)),
                Value::Number(number) => metrics.push((key, number)),
            }
        }
        Ok(Self(
            strings.index(span.service)?,
            strings.index(span.name)?,
            strings.index(span.resource)?,
            span.trace_id,
            span.span_id,
            span.parent_id,
            span.start,
            span.duration,
            i32::from(span.is_error),
            Pairs(meta),
            Pairs(metrics),
            strings.index(span.span_type)?,
        ))
    }
}

/// A map, which knows its length.
struct Pairs<V>(Vec<(u32, V)>);

impl<V: Serialize> Serialize for Pairs<V> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}
