//! Fields of a span of `tracing`, as tags of ours.
//!
//! | field | becomes |
//! |---|---|
//! | `otel.name` | resource, as the Datadog Agent maps names of OpenTelemetry's spans |
//! | `otel.kind` | `span.kind`, in lower case |
//! | `otel.status_code` | the error mark: `ERROR` sets it, `OK` takes it back |
//! | `otel.status_message`, `otel.status_description` | `error.message` |
//! | `error`, `exception` | a boolean is the error mark; a text or an error sets it and is the message |
//! | any other | a tag of the same name |

use std::{error::Error, fmt};

use tracing_core::field::{Field, Visit};

use super::error::{causes, is_error_field, mark};
use crate::{
    Span,
    tags::{SPAN_KIND, error::MESSAGE},
};

/// Sets what it visits on the span.
pub(super) struct Tags<'a>(pub(super) &'a Span);

impl Tags<'_> {
    fn text(&self, field: &Field, value: &str) {
        match field.name() {
            "otel.name" => self.0.set_resource(value.to_owned()),
            "otel.kind" => self.0.set_tag(SPAN_KIND, value.to_ascii_lowercase()),
            "otel.status_code" if value.eq_ignore_ascii_case("error") => self.0.set_is_error(true),
            "otel.status_code" if value.eq_ignore_ascii_case("ok") => self.0.set_is_error(false),
            "otel.status_code" => {}
            "otel.status_message" | "otel.status_description" => self.0.set_tag(MESSAGE, value),
            name if is_error_field(name) => mark(self.0, value, None),
            name => self.0.set_tag(name, value),
        }
    }
}

impl Visit for Tags<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.set_tag(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.set_tag(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.set_tag(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if is_error_field(field.name()) {
            self.0.set_is_error(value);
        } else {
            self.0.set_tag(field.name(), value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let message = value.to_string();
        if is_error_field(field.name()) {
            mark(self.0, &message, causes(value).as_deref());
        } else {
            self.text(field, &message);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }
}
