//! Fields of a span of `tracing`, as tags.
//!
//! | field | becomes |
//! |---|---|
//! | `otel.name` | resource, as the Datadog Agent maps names of OpenTelemetry's spans |
//! | `otel.kind` | `span.kind`, in lower case |
//! | `otel.status_code` | the error mark: `ERROR` sets it, `OK` removes it |
//! | `otel.status_message`, `otel.status_description` | `error.message` |
//! | `error`, `exception` | the error mark: an error, or a text that reports one, sets it and is the message; `true` and numbers set it; `false`, `0`, `None` and an empty text remove it |
//! | any other | a tag of the same name |

use std::{error::Error, fmt};

use packdog_api::{MAX_TAG_VALUE_BYTES, internal, names::reserved::ERROR};
use tracing_core::field::{Field, Visit};

use super::error::{causes, is_error_field, mark, reports_error};
use crate::{
    Span,
    span::TagValue,
    tags::{SPAN_KIND, error::MESSAGE},
};

/// A visitor that sets fields on the span.
pub(super) struct Tags<'a>(pub(super) &'a Span);

impl Tags<'_> {
    /// Sets a number or a boolean, which is an error without a message.
    fn plain<'v>(&self, field: &Field, value: impl Into<TagValue<'v>>) {
        if is_error_field(field.name()) {
            self.0.set_tag(ERROR, value);
        } else {
            self.0.set_tag(field.name(), value);
        }
    }

    fn text(&self, field: &Field, value: &str) {
        match field.name() {
            "otel.name" => self.0.set_resource(value.to_owned()),
            "otel.kind" => self.0.set_tag(SPAN_KIND, value.to_ascii_lowercase()),
            "otel.status_code" if value.eq_ignore_ascii_case("error") => self.0.set_is_error(true),
            "otel.status_code" if value.eq_ignore_ascii_case("ok") => self.0.set_is_error(false),
            "otel.status_code" => {}
            "otel.status_message" | "otel.status_description" => self.0.set_tag(MESSAGE, value),
            name if is_error_field(name) && value == "true" => self.0.set_is_error(true),
            name if is_error_field(name) && reports_error(value) => mark(self.0, value, None),
            name if is_error_field(name) => self.0.set_is_error(false),
            name => self.0.set_tag(name, value),
        }
    }
}

impl Visit for Tags<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.plain(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.plain(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.plain(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let message = internal::message(value);
        if is_error_field(field.name()) {
            mark(self.0, &message, causes(value).as_deref());
        } else {
            self.text(field, &message);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &internal::render(&format_args!("{value:?}"), MAX_TAG_VALUE_BYTES));
    }
}
