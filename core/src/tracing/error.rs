//! Errors that `tracing` tells of, by a field of a span or by an event.
//!
//! Their type is not known: `tracing` shows them as `dyn Error` or as text.

use std::{error::Error, iter};

use crate::{Span, tags::error::MESSAGE};

/// The most causes that are followed; a cycle of causes ends there as well.
const MAX_CAUSES: usize = 64;

/// Whether a field of this name holds an error.
pub(super) fn is_error_field(name: &str) -> bool {
    matches!(name, "error" | "exception")
}

/// Whether the span is marked by an error that says something.
pub(super) fn has_message(span: &Span) -> bool {
    span.tag(MESSAGE).is_some()
}

/// Marks the span, in place of whatever marked it before.
pub(super) fn mark(span: &Span, message: &str, causes: Option<&str>) {
    span.set_error_parts(None, message, causes);
}

/// The causes of an error, one per line.
pub(super) fn causes(error: &(dyn Error + 'static)) -> Option<String> {
    let causes = iter::successors(error.source(), |&cause| cause.source())
        .take(MAX_CAUSES)
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    (!causes.is_empty()).then(|| causes.join("\n"))
}
