//! v0.4: an array of chunks, each an array of spans, each a map with the names below.
//!
//! Fields that tracers leave out when empty have a default; `nil`, other names and other types are refused.

use serde::Deserialize;

use super::{
    Refusal, chunk,
    strict::{self, Document, Float64, List, Map, Record, Text},
};
use crate::{AttributeValue, Chunk, Span, SpanEvent, SpanLink};

/// Set on the wire where a link's flags are known, so that "not sampled" differs from "unknown".
const FLAGS_KNOWN: u32 = 1 << 31;

/// Decodes the body of a `/v0.4/traces` request.
///
/// # Errors
/// The first thing that breaks the format.
pub fn decode(body: &[u8]) -> Result<Vec<Chunk>, Refusal> {
    let List(payload): List<List<Record<WireSpan>>> = strict::decode(body)?;
    let spans = |List(spans): List<Record<WireSpan>>| {
        spans.into_iter().map(|Record(span)| span.into()).collect()
    };
    chunk::chunks(payload.into_iter().map(spans))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSpan {
    service: Text,
    name: Text,
    resource: Text,
    trace_id: u64, // The lower half.
    span_id: u64,
    #[serde(default)]
    parent_id: u64,
    start: i64,
    duration: i64,
    #[serde(default)]
    error: i32,
    #[serde(default)]
    meta: Map<Text, Text>,
    #[serde(default)]
    metrics: Map<Text, Float64>,
    #[serde(default)]
    r#type: Text,
    #[serde(default)]
    meta_struct: Map<Text, Document>,
    #[serde(default)]
    span_links: List<Record<WireLink>>,
    #[serde(default)]
    span_events: List<Record<WireEvent>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLink {
    trace_id: u64, // The lower half.
    #[serde(default)]
    trace_id_high: u64,
    span_id: u64,
    #[serde(default)]
    attributes: Map<Text, Text>,
    #[serde(default)]
    tracestate: Text,
    #[serde(default, deserialize_with = "strict::present")]
    flags: Option<KnownFlags>,
}

#[derive(Deserialize)]
#[serde(try_from = "u32")]
struct KnownFlags(u32);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEvent {
    time_unix_nano: u64,
    name: Text,
    #[serde(default)]
    attributes: Map<Text, Record<WireValue>>,
}

/// `type` names the value that is present.
#[derive(Deserialize)]
#[serde(try_from = "WireValueFields")]
struct WireValue(AttributeValue);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireValueFields {
    r#type: u8,
    #[serde(default, deserialize_with = "strict::present")]
    string_value: Option<Text>,
    #[serde(default, deserialize_with = "strict::present")]
    bool_value: Option<bool>,
    #[serde(default, deserialize_with = "strict::present")]
    int_value: Option<i64>,
    #[serde(default, deserialize_with = "strict::present")]
    double_value: Option<Float64>,
    #[serde(default, deserialize_with = "strict::present")]
    array_value: Option<Record<WireArray>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireArray {
    values: List<Record<WireValue>>,
}

impl From<WireSpan> for Span {
    fn from(wire: WireSpan) -> Self {
        Self {
            service: wire.service.0,
            name: wire.name.0,
            resource: wire.resource.0,
            trace_id: wire.trace_id,
            span_id: wire.span_id,
            parent_id: wire.parent_id,
            start: wire.start,
            duration: wire.duration,
            error: wire.error,
            meta: wire.meta.0.into_iter().map(|(key, value)| (key.0, value.0)).collect(),
            metrics: wire.metrics.0.into_iter().map(|(key, value)| (key.0, value.0)).collect(),
            span_type: wire.r#type.0,
            span_links: wire.span_links.0.into_iter().map(|Record(link)| link.into()).collect(),
            span_events: wire.span_events.0.into_iter().map(|Record(event)| event.into()).collect(),
            meta_struct: wire
                .meta_struct
                .0
                .into_iter()
                .map(|(key, value)| (key.0, value.0))
                .collect(),
        }
    }
}

impl From<WireLink> for SpanLink {
    fn from(wire: WireLink) -> Self {
        Self {
            trace_id: u128::from(wire.trace_id_high) << 64 | u128::from(wire.trace_id),
            span_id: wire.span_id,
            attributes: wire
                .attributes
                .0
                .into_iter()
                .map(|(key, value)| (key.0, value.0))
                .collect(),
            tracestate: wire.tracestate.0,
            flags: wire.flags.map(|flags| flags.0),
        }
    }
}

impl TryFrom<u32> for KnownFlags {
    type Error = &'static str;

    fn try_from(wire: u32) -> Result<Self, Self::Error> {
        match wire & FLAGS_KNOWN {
            0 => Err("known flags must have bit 31, unknown flags must be left out"),
            _ => Ok(Self(wire & !FLAGS_KNOWN)),
        }
    }
}

impl From<WireEvent> for SpanEvent {
    fn from(wire: WireEvent) -> Self {
        let attributes = wire.attributes.0.into_iter();
        Self {
            time_unix_nano: wire.time_unix_nano,
            name: wire.name.0,
            attributes: attributes.map(|(key, Record(value))| (key.0, value.0)).collect(),
        }
    }
}

impl TryFrom<WireValueFields> for WireValue {
    type Error = &'static str;

    fn try_from(wire: WireValueFields) -> Result<Self, Self::Error> {
        let WireValueFields {
            r#type,
            string_value,
            bool_value,
            int_value,
            double_value,
            array_value,
        } = wire;
        match (r#type, string_value, bool_value, int_value, double_value, array_value) {
            (0, Some(text), None, None, None, None) => Ok(AttributeValue::String(text.0)),
            (1, None, Some(flag), None, None, None) => Ok(AttributeValue::Bool(flag)),
            (2, None, None, Some(number), None, None) => Ok(AttributeValue::Int(number)),
            (3, None, None, None, Some(number), None) => Ok(AttributeValue::Double(number.0)),
            (4, None, None, None, None, Some(Record(array))) => {
                let values = array.values.0.into_iter().map(|Record(value)| value.0).collect();
                AttributeValue::array(values)
            }
            _ => Err("an attribute must have the one value that its type announces"),
        }
        .map(Self)
    }
}
