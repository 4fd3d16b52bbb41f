//! JSON as attributes of events and links, and as tags.

use std::collections::BTreeMap;

use opentelemetry::{Array, KeyValue, StringValue};
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
) -> Vec<(String, TagValue<'static>)> {
    attributes.into_iter().flat_map(|(key, value)| flat(key, value)).collect()
}

fn flat(key: String, value: Value) -> Vec<(String, TagValue<'static>)> {
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

/// Attributes of OpenTelemetry: members of objects, and of lists that the API cannot hold, under
/// `key.name` and `key.0`; without nulls.
pub(crate) fn of_opentelemetry(
    attributes: impl IntoIterator<Item = (String, Value)>,
) -> Vec<KeyValue> {
    attributes.into_iter().flat_map(|(key, value)| of_opentelemetry_key(key, value)).collect()
}

fn of_opentelemetry_key(key: String, value: Value) -> Vec<KeyValue> {
    if let Some(value) = otel_value(&value) {
        return vec![KeyValue::new(key, value)];
    }
    let below = |part: &str| format!("{key}.{part}");
    match value {
        Value::Array(values) => {
            let values = values.into_iter().enumerate();
            of_opentelemetry(values.map(|(index, value)| (below(&index.to_string()), value)))
        }
        Value::Object(values) => {
            of_opentelemetry(values.into_iter().map(|(name, value)| (below(&name), value)))
        }
        Value::Number(number) => vec![KeyValue::new(key, number.to_string())],
        Value::Null | Value::Bool(_) | Value::String(_) => Vec::new(),
    }
}

/// Attributes of an event, without those that the API cannot hold.
pub(crate) fn of_opentelemetry_event(
    attributes: impl IntoIterator<Item = (String, Value)>,
) -> Vec<KeyValue> {
    let held = attributes.into_iter().filter_map(|(key, value)| Some((key, otel_value(&value)?)));
    held.map(|(key, value)| KeyValue::new(key, value)).collect()
}

/// A value that the API can hold: no null, no object, no list in a list and none of different kinds.
fn otel_value(value: &Value) -> Option<opentelemetry::Value> {
    fn list<T>(values: &[Value], item: impl Fn(&Value) -> Option<T>) -> Option<opentelemetry::Value>
    where
        Array: From<Vec<T>>,
    {
        let items = values.iter().map(item).collect::<Option<Vec<_>>>()?;
        Some(opentelemetry::Value::Array(items.into()))
    }
    let float = |value: &Value| value.as_f64().filter(|_| value.is_f64());
    match value {
        Value::String(text) => Some(text.clone().into()),
        Value::Bool(value) => Some((*value).into()),
        Value::Number(_) => float(value).map(Into::into).or_else(|| Some(value.as_i64()?.into())),
        Value::Array(values) => {
            let text = |value: &Value| Some(StringValue::from(value.as_str()?.to_owned()));
            list(values, text)
                .or_else(|| list(values, Value::as_bool))
                .or_else(|| list(values, Value::as_i64))
                .or_else(|| list(values, float))
        }
        Value::Null | Value::Object(_) => None,
    }
}
