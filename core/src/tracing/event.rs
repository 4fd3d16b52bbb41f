//! Events of `tracing`: those of level `ERROR` mark their span, and all can be kept as span events.
//!
//! The message of an error is the event's own, or that of its field `error`, or both as `could not
//! save: connection refused`. Below `ERROR`, an error is one that the application has handled, such
//! as `warn!(error = %e, "retrying")`, and does not mark the span.

use std::{error::Error, fmt};

use packdog_api::{Attribute, MAX_TAG_VALUE_BYTES, SpanEvent, internal::render};
use tracing_core::{
    Event, Level, Metadata,
    field::{Field, Visit},
};

use super::error::{causes, has_message, is_error_field, mark, reports_error};
use crate::Span;

/// The field that holds the formatted message of the macros of `tracing`.
const MESSAGE_FIELD: &str = "message";

/// Whether such an event marks its span.
pub(super) fn is_error(metadata: &Metadata<'_>) -> bool {
    *metadata.level() == Level::ERROR
}

/// Marks the span with an event that [is an error](is_error). The first error stays: later ones
/// often follow from it, and an error that the application recorded itself has more detail.
pub(super) fn mark_error(span: &Span, event: &Event<'_>) {
    if has_message(span) {
        return span.set_is_error(true);
    }
    let mut failure = Failure::default();
    event.record(&mut failure);
    let Failure { message, error, causes } = failure;
    match (message, error) {
        (Some(message), Some(error)) => {
            mark(span, &format!("{message}: {error}"), causes.as_deref());
        }
        (Some(text), None) | (None, Some(text)) => mark(span, &text, causes.as_deref()),
        (None, None) => span.set_is_error(true),
    }
}

/// The texts of an event that describe an error.
#[derive(Default)]
struct Failure {
    message: Option<String>,
    error: Option<String>,
    causes: Option<String>,
}

impl Visit for Failure {
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if is_error_field(field.name()) {
            self.error = Some(packdog_api::internal::message(value));
            self.causes = causes(value);
        }
    }

    // Booleans and numbers mark the span, but have no message.
    fn record_bool(&mut self, _: &Field, _: bool) {}
    fn record_f64(&mut self, _: &Field, _: f64) {}
    fn record_i64(&mut self, _: &Field, _: i64) {}
    fn record_u64(&mut self, _: &Field, _: u64) {}
    fn record_i128(&mut self, _: &Field, _: i128) {}
    fn record_u128(&mut self, _: &Field, _: u128) {}

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == MESSAGE_FIELD {
            self.message = Some(text(value));
        } else if is_error_field(field.name()) {
            self.error = Some(text(value)).filter(|text| reports_error(text));
        }
    }

    // The default would write the text with quotes.
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// The text of a value whose `Debug` may fail, panic or never end.
fn text(value: &dyn fmt::Debug) -> String {
    render(&format_args!("{value:?}"), MAX_TAG_VALUE_BYTES)
}

/// Returns the event as a span event, named by its message; level, target and fields are
/// attributes.
pub(super) fn span_event(event: &Event<'_>) -> SpanEvent {
    let metadata = event.metadata();
    let mut attributes = Attributes::default();
    event.record(&mut attributes);
    let named = match attributes.message {
        Some(message) => SpanEvent::new(message),
        None => SpanEvent::new(metadata.name()),
    }
    .with_attribute("level", metadata.level().as_str())
    .with_attribute("target", metadata.target());
    attributes
        .others
        .into_iter()
        .fold(named, |event, (key, value)| event.with_attribute(key, value))
}

/// The fields of an event, without the message.
#[derive(Default)]
struct Attributes {
    message: Option<String>,
    others: Vec<(&'static str, Attribute)>,
}

impl Attributes {
    /// Adds an attribute; a value that cannot be one is left out.
    fn add(&mut self, field: &Field, value: impl TryInto<Attribute>) {
        if let Ok(value) = value.try_into() {
            self.others.push((field.name(), value));
        }
    }

    /// Adds an integer, as a text if it has too many bits for an attribute.
    fn add_integer(&mut self, field: &Field, value: impl Copy + TryInto<i64> + fmt::Display) {
        match value.try_into() {
            Ok(number) => self.add(field, number),
            Err(_) => self.add(field, value.to_string()),
        }
    }
}

impl Visit for Attributes {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add_integer(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.add_integer(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.add_integer(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = text(value);
        if field.name() == MESSAGE_FIELD {
            self.message = Some(text);
        } else {
            self.add(field, text);
        }
    }
}
