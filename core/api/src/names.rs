//! Names of tags that more than one package writes; no other place spells them out.

/// The type of an error, such as `std::io::Error`, or `panic`.
pub const ERROR_TYPE: &str = "error.type";
/// The message of an error.
pub const ERROR_MESSAGE: &str = "error.message";
/// The causes of an error, and a backtrace if there is one.
pub const ERROR_STACK: &str = "error.stack";
/// The type of an error that is a panic.
pub const ERROR_TYPE_PANIC: &str = "panic";
/// The side of a call that a span stands for.
pub const SPAN_KIND: &str = "span.kind";
/// What went wrong with the headers of a trace.
pub const PROPAGATION_ERROR: &str = "_dd.propagation_error";

/// Names that are no tags, but stand for fields of a span or decisions about its trace.
pub mod reserved {
    /// The operation name.
    pub const OPERATION_NAME: &str = "operation.name";
    /// The service.
    pub const SERVICE: &str = "service.name";
    /// The resource.
    pub const RESOURCE: &str = "resource.name";
    /// The type.
    pub const TYPE: &str = "span.type";
    /// Keeps the trace.
    pub const KEEP: &str = "manual.keep";
    /// Drops the trace.
    pub const DROP: &str = "manual.drop";
    /// The error mark.
    pub const ERROR: &str = "error";
}

/// Whether a tag of this name is no tag, but changes a field or decides about the trace.
pub fn is_reserved(name: &str) -> bool {
    use reserved::*;

    [OPERATION_NAME, SERVICE, RESOURCE, TYPE, KEEP, DROP, ERROR].contains(&name)
}

/// Texts that report no error, as macros write an empty `Option` or a flag.
const NO_ERROR: [&str; 6] = ["", "0", "false", "nil", "none", "null"];

/// Whether the text of a tag `error` reports an error.
///
/// Its presence says nothing: `error = ?None::<E>` is written for a request that went well.
pub fn reports_error(text: &str) -> bool {
    let text = text.trim();
    !NO_ERROR.iter().any(|none| text.eq_ignore_ascii_case(none))
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
