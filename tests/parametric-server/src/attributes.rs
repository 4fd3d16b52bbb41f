//! JSON as attributes of events and links, and as tags.

use std::collections::BTreeMap;

use packdog::{Attribute, SpanEvent, TagValue};
use serde::Deserialize;
use serde_json::Value;

/// Adds attributes to an event, which leaves out by itself what cannot be one.
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

/// A value with whatever lists are in it; `None` for null, objects and integers that are too large.
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

/// A value that a tag can have.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Text(String),
    Bool(bool),
    Number(f64),
}

impl From<Scalar> for TagValue {
    fn from(value: Scalar) -> Self {
        match value {
            Scalar::Text(text) => text.into(),
            Scalar::Bool(value) => value.into(),
            Scalar::Number(number) => number.into(),
        }
    }
}
