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

use super::{derive, name::is_telling};

/// Sets an attribute, and derives name and type again if they may depend on it.
pub(super) fn set(span: &mut OpenSpan<'_>, attribute: KeyValue) {
    if put(span, attribute) {
        derive(span);
    }
}

/// Sets an attribute; returns whether name and type may depend on it.
pub(super) fn put(span: &mut OpenSpan<'_>, attribute: KeyValue) -> bool {
    let KeyValue { key, value, .. } = attribute;
    if !may_be_special(key.as_str()) {
        set_tag(span, key.as_str(), value);
        return false;
    }
    match key.as_str() {
        "operation.name" => {
            if let Value::String(name) = &value
                && !name.as_str().is_empty()
            {
                span.set_name(name.as_str().to_lowercase());
            }
        }
        "service.name" => {
            let service = value.as_str();
            if !service.is_empty() {
                span.set_service(service.into_owned());
            }
        }
        "resource.name" => set_resource(span, value.as_str().into_owned().into()),
        "span.type" => span.set_type(value.as_str().into_owned()),
        "analytics.event" => {
            if let Some(is_analyzed) = parse_bool(&value) {
                span.set_tag(ANALYTICS_RATE, if is_analyzed { 1.0 } else { 0.0 });
            }
        }
        "http.response.status_code" | STATUS_CODE => {
            span.set_tag(STATUS_CODE, value.as_str().into_owned());
        }
        "manual.keep" => span.decide(SamplingPriority::USER_KEEP),
        "manual.drop" => span.decide(SamplingPriority::USER_DROP),
        _ => {
            let is_telling = is_telling(key.as_str());
            set_tag(span, key.as_str(), value);
            return is_telling;
        }
    }
    false
}

/// Sets the resource; an empty one is the operation name.
pub(super) fn set_resource(span: &mut OpenSpan<'_>, resource: Cow<'static, str>) {
    span.set_resource(Some(resource).filter(|resource| !resource.is_empty()));
}

/// Whether this name can be reserved, or that of an attribute on which name and type depend, by its
/// length and its first letter alone: for most attributes this replaces two dozen comparisons.
fn may_be_special(key: &str) -> bool {
    matches!(
        (key.len(), key.as_bytes().first()),
        (9, Some(b's' | b'd'))
            | (10, Some(b'r'))
            | (11, Some(b'h' | b'm' | b'r'))
            | (12, Some(b's' | b'f'))
            | (13, Some(b'r'))
            | (14, Some(b'o' | b'd'))
            | (15, Some(b'a'))
            | (16, Some(b'h' | b'm'))
            | (17, Some(b'f'))
            | (19, Some(b'h' | b'm'))
            | (21, Some(b'f' | b'n'))
            | (22, Some(b'g'))
            | (24, Some(b'm'))
            | (25, Some(b'h'))
    )
}

fn set_tag(span: &mut OpenSpan<'_>, key: &str, value: Value) {
    match value {
        Value::Bool(value) => span.set_tag(key, value),
        Value::I64(number) => span.set_tag(key, number),
        Value::F64(number) => span.set_tag(key, number),
        Value::String(text) => span.set_tag(key, text.as_str()),
        Value::Array(array) => set_array(span, key, array),
        other => span.set_tag(key, other.to_string()),
    }
}

fn set_array(span: &mut OpenSpan<'_>, key: &str, array: Array) {
    match array {
        Array::Bool(values) => set_elements(span, key, values),
        Array::I64(values) => set_elements(span, key, values),
        Array::F64(values) => set_elements(span, key, values),
        Array::String(values) => {
            set_elements(span, key, values.iter().map(|value| value.as_str()));
        }
        other => span.set_tag(key, other.to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_name_passes_the_look_at_length_and_letter() {
        #[rustfmt::skip]
        let special = [
            "operation.name", "service.name", "resource.name", "span.type", "analytics.event",
            "http.response.status_code", "http.status_code", "manual.keep", "manual.drop",
            "http.request.method", "http.method", "db.system", "db.system.name", "messaging.system",
            "messaging.operation", "messaging.operation.type", "rpc.system", "rpc.service",
            "faas.invoked_provider", "faas.invoked_name", "faas.trigger", "graphql.operation.type",
            "network.protocol.name",
        ];
        for name in special {
            assert!(may_be_special(name), "{name}");
        }
        for name in ["", "http.url", "http.route", "component", "bread"] {
            assert!(!may_be_special(name), "{name}");
        }
    }
}
