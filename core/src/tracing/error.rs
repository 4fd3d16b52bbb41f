//! Errors that `tracing` reports, by a field of a span or by an event.
//!
//! Their type is unknown, because `tracing` passes them as `dyn Error` or as text.

use std::error::Error;

pub(super) use packdog_api::names::reports_error;
use packdog_api::{MAX_TAG_VALUE_BYTES, internal};

use crate::{Span, tags::error::MESSAGE};

/// Whether a field of this name holds an error.
pub(super) fn is_error_field(name: &str) -> bool {
    matches!(name, "error" | "exception")
}

/// Whether the span is marked by an error that has a message.
pub(super) fn has_message(span: &Span) -> bool {
    span.tag(MESSAGE).is_some()
}

/// Marks the span with an error, which replaces an earlier one.
pub(super) fn mark(span: &Span, message: &str, causes: Option<&str>) {
    span.set_error_parts(None, message, causes);
}

/// Returns the causes of an error, one per line.
pub(super) fn causes(error: &(dyn Error + 'static)) -> Option<String> {
    Some(internal::causes(error, MAX_TAG_VALUE_BYTES)).filter(|causes| !causes.is_empty())
}
