//! Attributes of a span: as tags, or as the fields and decisions that reserved names stand for.
//!
//! ```text
//! text, bool         a text
//! integer, float     a number; an integer that a number would round is a text
//! array              one tag for each element: key.0, key.1, …
//! ```

use std::borrow::Cow;

use opentelemetry::{Array, KeyValue, Value};
use packdog::tags::{http::STATUS_CODE, internal::ANALYTICS_RATE};
use packdog_api::{SamplingPriority, TagValue, implementation::OpenSpan};

use super::{derive, meaning::Meaning, telling::Telling};
use crate::notes;

/// Sets an attribute, and derives name and type again if they may depend on it.
pub(super) fn set(span: &mut OpenSpan<'_>, attribute: &KeyValue) {
    let told = put(span, attribute);
    if let Some(kind) = notes::kind(span) // Otherwise packdog's API named it.
        && told.matters_for(kind)
    {
        derive(span, kind, Telling::ALL);
    }
}

/// Sets an attribute; returns its group if name and type may depend on it.
#[inline]
pub(super) fn put(span: &mut OpenSpan<'_>, attribute: &KeyValue) -> Telling {
    let KeyValue { key, value, .. } = attribute;
    let (key, group) = match Meaning::of(key.as_str()) {
        Meaning::Tag(group) => (key.as_str(), group),
        // A text is a tag like any other, with another name; `heed` makes a text of the rest.
        Meaning::Status if matches!(value, Value::String(_)) => (STATUS_CODE, Telling::NONE),
        meaning => {
            heed(span, meaning, value);
            return Telling::NONE;
        }
    };
    if let Value::String(text) = value {
        span.set_text(key, text.as_str()); // Nearly all.
        return group;
    }
    set_tag(span, key, value);
    if group == Telling::KIND { Telling::NONE } else { group } // A list has other tags.
}

/// Sets the field or makes the decision that a reserved name stands for.
fn heed(span: &mut OpenSpan<'_>, meaning: Meaning, value: &Value) {
    match meaning {
        Meaning::Tag(_) => {}
        Meaning::Status => span.set_text(STATUS_CODE, &value.as_str()),
        Meaning::Name => {
            if let Value::String(name) = value
                && !name.as_str().is_empty()
            {
                span.set_name(name.as_str().to_lowercase());
            }
        }
        Meaning::Service => {
            let service = value.as_str();
            if !service.is_empty() {
                span.set_service(service.into_owned());
            }
        }
        Meaning::Resource => set_resource(span, value.as_str().into_owned().into()),
        Meaning::Type => span.set_type(value.as_str().into_owned()),
        Meaning::Analytics => {
            if let Some(is_analyzed) = parse_bool(value) {
                span.set_tag(ANALYTICS_RATE, if is_analyzed { 1.0 } else { 0.0 });
            }
        }
        Meaning::Keep => span.decide(SamplingPriority::USER_KEEP),
        Meaning::Drop => span.decide(SamplingPriority::USER_DROP),
    }
}

/// Sets the resource; an empty one is the operation name.
pub(super) fn set_resource(span: &mut OpenSpan<'_>, resource: Cow<'static, str>) {
    span.set_resource(Some(resource).filter(|resource| !resource.is_empty()));
}

fn set_tag(span: &mut OpenSpan<'_>, key: &str, value: &Value) {
    match value {
        Value::String(text) => span.set_text(key, text.as_str()),
        Value::Bool(value) => span.set_tag(key, *value),
        Value::I64(number) => span.set_tag(key, *number),
        Value::F64(number) => span.set_tag(key, *number),
        Value::Array(array) => set_array(span, key, array),
        other => span.set_text(key, &other.to_string()),
    }
}

fn set_array(span: &mut OpenSpan<'_>, key: &str, array: &Array) {
    match array {
        Array::Bool(values) => set_elements(span, key, values.iter().copied()),
        Array::I64(values) => set_elements(span, key, values.iter().copied()),
        Array::F64(values) => set_elements(span, key, values.iter().copied()),
        Array::String(values) => set_elements(span, key, values.iter().map(|text| text.as_str())),
        other => span.set_text(key, &other.to_string()),
    }
}

fn set_elements<'v, T: Into<TagValue<'v>>>(
    span: &mut OpenSpan<'_>,
    key: &str,
    values: impl IntoIterator<Item = T>,
) {
    for (index, value) in values.into_iter().enumerate() {
        span.set_tag(&format!("{key}.{index}"), value);
    }
}

/// Reads a boolean as Go's `ParseBool` does.
fn parse_bool(value: &Value) -> Option<bool> {
    match value.as_str().as_ref() {
        "1" | "t" | "T" | "true" | "True" | "TRUE" => Some(true),
        "0" | "f" | "F" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}
