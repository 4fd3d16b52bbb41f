//! Events and links of OpenTelemetry as those of packdog.

use std::{borrow::Cow, time::SystemTime};

use opentelemetry::{Array, KeyValue, Value, trace};
use packdog_api::{Attribute, SpanEvent, SpanLink};

use crate::w3c;

/// Returns an event; a repeated key of its attributes takes the last value.
pub(super) fn event(
    name: Cow<'static, str>,
    time: SystemTime,
    attributes: Vec<KeyValue>,
) -> SpanEvent {
    last_of_each_key(attributes)
        .fold(SpanEvent::new(name).with_time(time), |event, KeyValue { key, value, .. }| {
            event.with_attribute(key, attribute(value))
        })
}

/// Returns a link; `None` if the context is invalid.
pub(super) fn link(
    context: &trace::SpanContext,
    attributes: impl IntoIterator<Item = KeyValue>,
) -> Option<SpanLink> {
    let (trace_id, span_id) = w3c::ids(context)?;
    let link = SpanLink::new(trace_id, span_id).with_sampled(context.is_sampled());
    let tracestate = context.trace_state().header();
    let link = if tracestate.is_empty() { link } else { link.with_tracestate(&tracestate) };
    Some(attributes.into_iter().fold(link, |link, KeyValue { key, value, .. }| {
        link.with_attribute(key.as_str(), attribute(value))
    }))
}

fn last_of_each_key(attributes: Vec<KeyValue>) -> impl Iterator<Item = KeyValue> {
    let is_last: Vec<bool> = attributes
        .iter()
        .enumerate()
        .map(|(index, attribute)| {
            !attributes.iter().skip(index + 1).any(|later| later.key == attribute.key)
        })
        .collect();
    attributes
        .into_iter()
        .zip(is_last)
        .filter_map(|(attribute, is_last)| is_last.then_some(attribute))
}

fn attribute(value: Value) -> Attribute {
    match value {
        Value::Bool(value) => Attribute::Bool(value),
        Value::I64(number) => Attribute::Int(number),
        Value::F64(number) => Attribute::Float(number),
        Value::String(text) => Attribute::Text(text.into()),
        Value::Array(Array::Bool(values)) => list(values, Attribute::Bool),
        Value::Array(Array::I64(values)) => list(values, Attribute::Int),
        Value::Array(Array::F64(values)) => list(values, Attribute::Float),
        Value::Array(Array::String(values)) => list(values, |text| Attribute::Text(text.into())),
        other => Attribute::Text(other.to_string()),
    }
}

fn list<T>(values: Vec<T>, attribute: fn(T) -> Attribute) -> Attribute {
    Attribute::List(values.into_iter().map(attribute).collect())
}
