//! Errors that `tracing` reports, by a field of a span or by an event.
//!
//! Their type is not known: `tracing` shows them as `dyn Error` or as text.

use std::{error::Error, iter};

use crate::{Span, tags::error::MESSAGE};

/// The most causes that are followed; a cycle of causes ends there as well.
const MAX_CAUSES: usize = 64;

/// Texts that say that there is no error, as macros write an empty `Option` or a flag.
const NO_ERROR: [&str; 6] = ["", "0", "false", "nil", "none", "null"];

/// Whether a field of this name holds an error.
pub(super) fn is_error_field(name: &str) -> bool {
    matches!(name, "error" | "exception")
}

/// Whether the text of such a field reports an error. The presence of the field says nothing:
/// `error = ?None::<E>` is written for a request that went well.
pub(super) fn reports_error(text: &str) -> bool {
    let text = text.trim();
    !NO_ERROR.iter().any(|none| text.eq_ignore_ascii_case(none))
}

/// Whether the span is marked by an error that has a message.
pub(super) fn has_message(span: &Span) -> bool {
    span.tag(MESSAGE).is_some()
}

/// Marks the span, in place of an earlier error.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_none_and_false_report_no_error() {
        for text in ["", " ", "0", "false", "False", "None", "none", "null", "nil"] {
            assert!(!reports_error(text), "{text:?}");
        }
        for text in ["no bread", "1", "true", "Some(NoBread)", "0 loaves", "none left"] {
            assert!(reports_error(text), "{text:?}");
        }
    }
}
