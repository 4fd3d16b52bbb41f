//! The status of a span, and the exceptions that describe an error.
//!
//! The tags `error.message`, `error.type` and `error.stack` describe a span whose status is an
//! error. Each comes from the last exception event that has it, whether that came before or after
//! the status; the description of the status is the message if no exception has one.

use opentelemetry::trace::Status as Given;
use packdog::tags::error;
use packdog_api::{Attribute, SpanEvent, implementation::OpenSpan};

use crate::notes::{self, Status};

/// The attributes of an exception, and the tags that they become.
const PARTS: [(&str, &str); 3] = [
    ("exception.message", error::MESSAGE),
    ("exception.type", error::TYPE),
    ("exception.stacktrace", error::STACK),
];
const EVENT_NAME: &str = "exception";
const HAS_EXCEPTION: &str = "_dd.span_events.has_exception";

pub(super) fn set_status(span: &mut OpenSpan<'_>, status: &Given) {
    match (status, notes::status(span)) {
        (Given::Unset, _) | (_, Status::Ok) => {}
        (Given::Ok, Status::Unset | Status::Error) => {
            notes::set_status(span, Status::Ok);
            span.set_is_error(false);
            span.remove_error_tags();
        }
        (Given::Error { description }, Status::Unset | Status::Error) => {
            notes::set_status(span, Status::Error);
            span.set_is_error(true);
            span.remove_error_tags();
            if !description.is_empty() {
                span.set_error_tag(error::MESSAGE, description);
            }
            for (attribute, tag) in PARTS {
                let exceptions = span.events().iter().rev().filter(|event| is_exception(event));
                let last = exceptions.filter_map(|event| text(event, attribute)).next();
                if let Some(value) = last.map(str::to_owned) {
                    span.set_error_tag(tag, &value);
                }
            }
        }
    }
}

pub(super) fn add_event(span: &mut OpenSpan<'_>, event: SpanEvent) {
    if is_exception(&event) {
        span.set_tag(HAS_EXCEPTION, "true");
        if notes::status(span) == Status::Error {
            for (attribute, tag) in PARTS {
                if let Some(value) = text(&event, attribute) {
                    span.set_error_tag(tag, value);
                }
            }
        }
    }
    span.add_event(event);
}

fn is_exception(event: &SpanEvent) -> bool {
    event.name().eq_ignore_ascii_case(EVENT_NAME)
}

fn text<'a>(event: &'a SpanEvent, key: &str) -> Option<&'a str> {
    event.attributes().find(|(name, _)| *name == key).and_then(|(_, value)| match value {
        Attribute::Text(text) => Some(text.as_str()),
        _ => None,
    })
}
