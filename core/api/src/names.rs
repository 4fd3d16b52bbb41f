//! Names of tags that more than one package sets; they are spelled only here.

/// The type of an error, such as `std::io::Error`, or `panic`.
pub const ERROR_TYPE: &str = "error.type";
/// The message of an error.
pub const ERROR_MESSAGE: &str = "error.message";
/// The causes of an error, and a backtrace if there is one.
pub const ERROR_STACK: &str = "error.stack";
/// The type of an error that is a panic.
pub const ERROR_TYPE_PANIC: &str = "panic";
/// The role of a span in a call, such as `server`.
pub const SPAN_KIND: &str = "span.kind";
/// The problem that was found in the headers of a trace.
pub const PROPAGATION_ERROR: &str = "_dd.propagation_error";

/// Names that do not become tags: they set a field of the span or decide about its trace.
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

/// Whether this name can be reserved, by its length and its last letter alone.
///
/// For nearly every tag this one look replaces the comparison with all names of its length.
#[inline]
pub(crate) fn may_be_reserved(name: &str) -> bool {
    let last = name.as_bytes().last();
    matches!((name.len(), last), (9 | 12..=14, Some(b'e')) | (11, Some(b'p')) | (5, Some(b'r')))
}

/// Whether this name does not become a tag, but sets a field or decides about the trace.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

pub(crate) const RESERVED: [&str; 7] = {
    use reserved::*;
    [OPERATION_NAME, SERVICE, RESOURCE, TYPE, KEEP, DROP, ERROR]
};

/// Texts that report no error, as macros and `Debug` write them: an empty `Option`, flag, text, list
/// or result.
const NO_ERROR: [&str; 8] = ["", "false", "nil", "none", "null", "()", "[]", "{}"];

/// Whether this text of the tag `error` reports an error.
///
/// The presence of the tag alone does not: `error = ?None::<E>` is written for a request that went
/// well. Neither does a value around none, such as `Some("")`, nor any `Ok(..)`.
pub fn reports_error(text: &str) -> bool {
    let mut text = text.trim();
    while let Some(inner) = inside(text, "Some(", ")").or_else(|| inside(text, "\"", "\"")) {
        text = inner.trim();
    }
    let is_none = NO_ERROR.iter().any(|none| text.eq_ignore_ascii_case(none));
    let is_zero = || text.parse::<f64>().is_ok_and(|number| number == 0.0);
    !is_none && inside(text, "Ok(", ")").is_none() && !is_zero()
}

/// Returns the text between `before` and `after`.
fn inside<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_look_at_a_name_misses_no_reserved_one_and_lets_usual_ones_pass() {
        assert!(RESERVED.into_iter().all(may_be_reserved));
        let usual = ["http.url", "http.method", "http.route", "component", "span.kind", "db.name"];
        assert!(!usual.into_iter().any(may_be_reserved));
    }

    #[test]
    fn spellings_of_none_and_false_report_no_error() {
        for text in ["", " ", "0", "false", "False", "None", "none", "null", "nil"] {
            assert!(!reports_error(text), "{text:?}");
        }
        for text in ["no bread", "1", "true", "Some(NoBread)", "0 loaves", "none left"] {
            assert!(reports_error(text), "{text:?}");
        }
    }

    #[test]
    fn values_that_debug_writes_report_no_error_if_they_hold_none() {
        fn debug(value: impl std::fmt::Debug) -> String {
            format!("{value:?}")
        }
        let none = [
            debug(""),
            debug(" "),
            debug("false"),
            debug("0"),
            debug("None"),
            debug(Some("")),
            debug(Some(false)),
            debug(Some(0)),
            debug(Some(Some(0.0))),
            debug(Some(None::<u8>)),
            debug(()),
            debug(Ok::<_, u8>(())),
            debug(Ok::<_, u8>(3)),
            debug(Some(Ok::<_, u8>("bread"))),
            debug(0.0),
            debug(-0.0),
            debug([0; 0]),
            debug(std::collections::BTreeMap::<u8, u8>::new()),
        ];
        for text in none {
            assert!(!reports_error(&text), "{text}");
        }
        let errors = [
            debug("no bread"),
            debug(Some("no bread")),
            debug(Some(true)),
            debug(Some(1)),
            debug(Err::<u8, _>(())),
            debug(Err::<u8, _>("")),
            debug(0.5),
            debug(f64::NAN),
            debug(["no bread"]),
            debug("\""),
            "\"".to_owned(),
            "Some(".to_owned(),
            "Ok".to_owned(),
            "Ok(1), Err(2)]".to_owned(),
        ];
        for text in errors {
            assert!(reports_error(&text), "{text}");
        }
    }
}
