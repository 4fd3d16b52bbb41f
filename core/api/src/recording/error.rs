//! Errors on spans: the error mark, and the tags `error.type`, `error.message` and `error.stack`.
//!
//! The stack is the chain of causes, one per line, and then a backtrace of the place where the
//! error was recorded, if `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` enables it.

use std::{any::type_name, error::Error, fmt::Display};

use super::Span;
use crate::{
    names,
    render::{MAX_MESSAGE_BYTES, causes, message},
    text::cut,
    values::{MAX_TAG_VALUE_BYTES, Stack, TagValue},
};

impl Span {
    /// Marks the span as an error that is not a Rust error.
    ///
    /// The parts of an earlier error are replaced; a part that is `None` removes the earlier one.
    /// The message is cut at 5 000 bytes, the stack at 25 000.
    ///
    /// ```
    /// # let span = packdog_api::current_span();
    /// span.set_error_parts("PantryError", "no bread", None);
    /// ```
    pub fn set_error_parts<'a>(
        &self,
        error_type: impl Into<Option<&'a str>>,
        message: impl Into<Option<&'a str>>,
        stack: impl Into<Option<&'a str>>,
    ) {
        if !self.is_recording() {
            return;
        }
        let stack = stack.into().map(TagValue::from);
        self.record_parts(error_type.into(), message.into(), stack);
    }

    fn record_parts(
        &self,
        error_type: Option<&str>,
        message: Option<&str>,
        stack: Option<TagValue<'_>>,
    ) {
        let error_type = error_type.map(TagValue::from);
        let message = message.map(|message| TagValue::from(cut(message, MAX_MESSAGE_BYTES)));
        self.set_is_error(true);
        let keys = [names::ERROR_TYPE, names::ERROR_MESSAGE, names::ERROR_STACK];
        for (key, part) in keys.into_iter().zip([error_type, message, stack]) {
            match part {
                Some(part) => self.set_tag(key, part),
                None => self.remove_tag(key),
            }
        }
    }
}

/// Marks the span with an error whose type is the name of `N`.
pub(crate) fn record_error<N: ?Sized, E: Error + ?Sized>(span: &Span, error: &E) {
    if !span.is_recording() {
        return;
    }
    let stack = match Stack::take(causes(error, MAX_TAG_VALUE_BYTES)) {
        Ok(stack) => Some(TagValue::stack(stack)),
        Err(causes) => Some(causes).filter(|causes| !causes.is_empty()).map(TagValue::from),
    };
    span.record_parts(name_of::<N>(), Some(&message(error)), stack);
}

/// Marks the span with an error that is only known to implement `Display`.
pub(crate) fn record_text<E: Display + ?Sized>(span: &Span, error: &E) {
    if span.is_recording() {
        span.record_parts(name_of::<E>(), Some(&message(error)), None);
    }
}

/// An error that [`Span::set_error`] accepts. The compiler infers `By`, which distinguishes the
/// kinds of errors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as an error",
    note = "`set_error` accepts any `std::error::Error`, types that hold one, and texts",
    note = "for anything else, pass a type, a message and a stack to `Span::set_error_parts`"
)]
pub trait SpanError<By> {
    /// Marks the span with this error.
    #[doc(hidden)]
    fn record_on(&self, span: &Span);
}

impl<E: Error + ?Sized> SpanError<by::Itself> for E {
    fn record_on(&self, span: &Span) {
        record_error::<E, E>(span, self);
    }
}

impl<'e, E: AsRef<dyn Error + Send + Sync + 'e>> SpanError<by::Inside> for E {
    fn record_on(&self, span: &Span) {
        record_error::<E, _>(span, self.as_ref());
    }
}

impl SpanError<by::Boxed> for Box<dyn Error + '_> {
    fn record_on(&self, span: &Span) {
        self.as_ref().record_on(span);
    }
}

impl SpanError<by::Text> for str {
    fn record_on(&self, span: &Span) {
        record_text(span, self);
    }
}

impl SpanError<by::Text> for String {
    fn record_on(&self, span: &Span) {
        record_text(span, self);
    }
}

impl SpanError<by::Text> for &str {
    fn record_on(&self, span: &Span) {
        record_text(span, self);
    }
}

/// The kinds of errors: without these names, the implementations would overlap.
mod by {
    #[derive(Debug)]
    pub struct Itself;
    #[derive(Debug)]
    pub struct Inside;
    #[derive(Debug)]
    pub struct Boxed;
    #[derive(Debug)]
    pub struct Text;
}

/// Returns the name of a type; `None` for a trait object, whose name does not identify the error.
fn name_of<T: ?Sized>() -> Option<&'static str> {
    Some(type_name::<T>()).filter(|name| !name.contains("dyn "))
}

#[cfg(test)]
mod tests {
    use std::{
        backtrace::{Backtrace, BacktraceStatus},
        fmt,
    };

    use super::*;
    use crate::render::MAX_CAUSES;

    const MAX_STACK_BYTES: usize = MAX_TAG_VALUE_BYTES;

    use crate::{recorder::tracer, recording::OwnedSpan};

    /// An error whose causes count down; below zero it is its own cause.
    #[derive(Debug)]
    struct Counted(i32, Option<&'static Counted>);

    static ENDLESS: Counted = Counted(-1, Some(&ENDLESS));

    impl Display for Counted {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "cause {}", self.0)
        }
    }

    impl Error for Counted {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.map(|cause| cause as _)
        }
    }

    fn open() -> OwnedSpan {
        tracer().0.span("root").start()
    }

    fn text(span: &Span, key: &str) -> Option<String> {
        span.tag(key).map(|value| value.as_str().unwrap().to_owned())
    }

    #[test]
    fn causes_come_first_in_the_stack_one_per_line() {
        static ONE: Counted = Counted(1, None);
        static TWO: Counted = Counted(2, Some(&ONE));
        let span = open();
        span.set_error(&Counted(3, Some(&TWO)));
        let stack = text(&span, "error.stack").unwrap();
        assert_eq!(stack.lines().take(2).collect::<Vec<_>>(), ["cause 2", "cause 1"]);
        assert_eq!(text(&span, "error.message").as_deref(), Some("cause 3"));
        let name = text(&span, "error.type").unwrap();
        assert!(name.ends_with("::Counted"), "{name}");
    }

    #[test]
    fn a_cycle_of_causes_ends() {
        let span = open();
        span.set_error(&ENDLESS);
        let stack = text(&span, "error.stack").unwrap();
        assert_eq!(stack.lines().filter(|line| *line == "cause -1").count(), MAX_CAUSES);
    }

    #[test]
    fn messages_and_stacks_are_cut_at_their_limits() {
        let span = open();
        let long = |len| "x".repeat(len);
        #[rustfmt::skip]
        let table = [
            // given                    message            stack
            (1,                         1,                 1),
            (MAX_MESSAGE_BYTES,         MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES),
            (MAX_MESSAGE_BYTES + 1,     MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES + 1),
            (MAX_STACK_BYTES + 1,       MAX_MESSAGE_BYTES, MAX_STACK_BYTES),
        ];
        for (given, message, stack) in table {
            let given = long(given);
            span.set_error_parts(None, given.as_str(), given.as_str());
            assert_eq!(text(&span, "error.message"), Some(long(message)));
            assert_eq!(text(&span, "error.stack"), Some(long(stack)));
            record_text(&span, &given);
            assert_eq!(text(&span, "error.message"), Some(long(message)));
        }
    }

    #[test]
    fn parts_replace_those_of_an_earlier_error() {
        let span = open();
        span.set_error_parts("Early", "early", "early stack");
        span.set_error_parts(None, "late", None);
        let parts = ["error.type", "error.message", "error.stack"].map(|key| text(&span, key));
        assert_eq!(parts, [None, Some("late".to_owned()), None]);
        assert!(text(&span, "error.msg").is_none());
    }

    #[test]
    fn a_trait_object_has_no_type_name() {
        let span = open();
        let error: Box<dyn Error> = Box::new(Counted(1, None));
        span.set_error(error.as_ref());
        assert_eq!(text(&span, "error.type"), None);
        assert_eq!(text(&span, "error.message").as_deref(), Some("cause 1"));
    }

    #[test]
    fn an_error_of_each_kind_marks_the_span() {
        fn generic<E: Error>(span: &Span, error: &E) {
            span.set_error(error);
        }

        type Record = fn(&Span);
        let table: [Record; 7] = [
            |span| span.set_error(&Counted(1, None)),
            |span| generic(span, &Counted(1, None)),
            |span| span.set_error(&Box::<dyn Error>::from(Counted(1, None))),
            |span| span.set_error(&Box::<dyn Error + Send + Sync>::from(Counted(1, None))),
            |span| span.set_error("cause 1"),
            |span| span.set_error(&"cause 1"),
            |span| span.set_error(&"cause 1".to_owned()),
        ];
        for record in table {
            let span = open();
            record(&span);
            assert_eq!(text(&span, "error.message").as_deref(), Some("cause 1"));
        }
    }

    /// A backtrace is taken only if the environment of the test run enables it.
    #[test]
    fn a_backtrace_follows_if_the_environment_enables_it() {
        let span = open();
        span.set_error(&Counted(1, None));
        let is_enabled = Backtrace::capture().status() == BacktraceStatus::Captured;
        assert_eq!(text(&span, "error.stack").is_some(), is_enabled);
    }
}
