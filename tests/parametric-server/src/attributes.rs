//! JSON as attributes of events and links, and as tags.

use std::collections::BTreeMap;

use packdog::span::{Attribute, SpanEvent, TagValue};
use serde_json::Value;

/// Adds attributes to an event, which ignores values that it cannot hold.
pub(crate) fn of_event(event: SpanEvent, attributes: Option<BTreeMap<String, Value>>) -> SpanEvent {
    attributes.unwrap_or_default().into_iter().fold(event, |event, (key, value)| match value {
        Value::Array(values) => {
            let values = values.iter().map(nested).collect::<Option<Vec<_>>>();
            match values {
                Some(values) => event.with_attribute(key, values),
                None => event,
            }
        }
        value => match nested(&value) {
            Some(value) => event.with_attribute(key, value),
            None => event,
        },
    })
}

/// A value with all lists in it; `None` for null, objects and integers that are too large.
pub(crate) fn nested(value: &Value) -> Option<Attribute> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Bool(value) => Some((*value).into()),
        Value::Number(number) if number.is_f64() => Attribute::try_from(number.as_f64()?).ok(),
        Value::Number(number) => number.as_i64().map(Attribute::Int),
        Value::Array(values) => {
            values.iter().map(nested).collect::<Option<_>>().map(Attribute::List)
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// Attributes as the tags of a span: members of lists and objects under `key.0` and `key.name`,
/// without nulls.
pub(crate) fn as_tags(
    attributes: impl IntoIterator<Item = (String, Value)>,
) -> Vec<(String, TagValue)> {
    attributes.into_iter().flat_map(|(key, value)| flat(key, value)).collect()
}

fn flat(key: String, value: Value) -> Vec<(String, TagValue)> {
    let below = |part: &str| format!("{key}.{part}");
    match value {
        Value::String(text) => vec![(key, text.into())],
        Value::Bool(value) => vec![(key, value.into())],
        Value::Number(number) => Vec::from_iter(number.as_f64().map(|number| (key, number.into()))),
        Value::Array(values) => {
            let values = values.into_iter().enumerate();
            values.flat_map(|(index, value)| flat(below(&index.to_string()), value)).collect()
        }
        Value::Object(values) => {
            values.into_iter().flat_map(|(name, value)| flat(below(&name), value)).collect()
        }
        Value::Null => Vec::new(),
    }
}
