//! Links and events as JSON in `meta`, for v0.5, which has no fields for them.
//!
//! ```text
//! _dd.span_links  [{"trace_id":"<32 hex>","span_id":"<16 hex>","attributes":{},"tracestate":"","flags":1}]
//! events          [{"name":"","time_unix_nano":1,"attributes":{"key":"natural JSON"}}]
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error};

use super::Refusal;
use crate::{AttributeValue, Span, SpanEvent, SpanLink, tags};

/// Moves links and events from `meta` to their fields.
pub(super) fn unpack(mut span: Span) -> Result<Span, Refusal> {
    if let Some(text) = span.meta.remove(tags::SPAN_LINKS) {
        let links: Vec<JsonLink> = parse(tags::SPAN_LINKS, &text)?;
        span.span_links = links.into_iter().map(SpanLink::from).collect();
    }
    if let Some(text) = span.meta.remove(tags::SPAN_EVENTS) {
        let events: Vec<JsonEvent> = parse(tags::SPAN_EVENTS, &text)?;
        span.span_events = events.into_iter().map(SpanEvent::from).collect();
    }
    Ok(span)
}

fn parse<'de, T: Deserialize<'de>>(tag: &str, text: &'de str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|error| Refusal::Malformed {
        at: format!("meta.{tag}"),
        reason: error.to_string(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonLink {
    #[serde(deserialize_with = "hex::<32, _>")]
    trace_id: u128,
    #[serde(deserialize_with = "hex::<16, _>")]
    span_id: u128,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    tracestate: String,
    flags: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonEvent {
    name: String,
    time_unix_nano: u64,
    #[serde(default)]
    attributes: BTreeMap<String, JsonValue>,
}

#[derive(Deserialize)]
#[serde(try_from = "serde_json::Value")]
struct JsonValue(AttributeValue);

impl From<JsonLink> for SpanLink {
    fn from(json: JsonLink) -> Self {
        Self {
            trace_id: json.trace_id,
            span_id: json.span_id as u64, // 16 digits fit.
            attributes: json.attributes,
            tracestate: json.tracestate,
            flags: json.flags,
        }
    }
}

impl From<JsonEvent> for SpanEvent {
    fn from(json: JsonEvent) -> Self {
        let attributes = json.attributes.into_iter().map(|(key, value)| (key, value.0)).collect();
        Self { time_unix_nano: json.time_unix_nano, name: json.name, attributes }
    }
}

impl TryFrom<serde_json::Value> for JsonValue {
    type Error = &'static str;

    fn try_from(json: serde_json::Value) -> Result<Self, Self::Error> {
        use serde_json::Value;
        let value = match json {
            Value::String(text) => AttributeValue::String(text),
            Value::Bool(flag) => AttributeValue::Bool(flag),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => AttributeValue::Int(whole),
                (None, Some(real)) if number.is_f64() => AttributeValue::Double(real),
                _ => return Err("a whole number must fit 64 bits with sign"),
            },
            Value::Array(values) => {
                let values: Result<_, _> = values
                    .into_iter()
                    .map(|value| Self::try_from(value).map(|json| json.0))
                    .collect();
                AttributeValue::array(values?)?
            }
            Value::Null | Value::Object(_) => {
                return Err("an attribute must be text, a number, a boolean or an array");
            }
        };
        Ok(Self(value))
    }
}

/// Exactly `N` lower-case hex digits.
fn hex<'de, const N: usize, D: Deserializer<'de>>(value: D) -> Result<u128, D::Error> {
    let text = String::deserialize(value)?;
    if text.len() != N || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(D::Error::custom(format_args!("{text:?} is not {N} lower-case hex digits")));
    }
    u128::from_str_radix(&text, 16).map_err(D::Error::custom)
}
