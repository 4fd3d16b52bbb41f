//! Errors on spans: the error mark, and the tags `error.type`, `error.message` and `error.stack`.
//!
//! The stack is the chain of causes, one per line, and then a backtrace of the place where the
//! error was recorded, if `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` asks for those.

use std::{
    any::type_name,
    backtrace::{Backtrace, BacktraceStatus},
    error::Error,
    fmt::{self, Display, Write},
    iter,
};

use super::Span;
use crate::{
    text::cut,
    values::{MAX_TAG_VALUE_BYTES, TagValue},
};

/// The most bytes of `error.message`.
const MAX_MESSAGE_BYTES: usize = 5_000;
/// The most bytes of `error.stack`.
const MAX_STACK_BYTES: usize = MAX_TAG_VALUE_BYTES;
/// The most causes that are written to `error.stack`; a cycle of causes ends there as well.
const MAX_CAUSES: usize = 64;

impl Span {
    /// Marks the span as an error that is no Rust error, with what is known of it.
    ///
    /// What an earlier error left is replaced, also by a part that is `None`. The message is cut
    /// at 5 000 bytes, the stack at 25 000.
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
        self.set_is_error(true);
        let message = message.into().map(|message| cut(message, MAX_MESSAGE_BYTES));
        for (key, part) in [
            ("error.type", error_type.into()),
            ("error.message", message),
            ("error.stack", stack.into()),
        ] {
            match part {
                Some(part) => self.set_tag(key, TagValue::from(part)),
                None => self.remove_tag(key),
            }
        }
    }
}

/// Marks the span with an error that goes by the name of the type `N`.
pub(crate) fn record_error<N: ?Sized, E: Error + ?Sized>(span: &Span, error: &E) {
    if !span.is_recording() {
        return;
    }
    let causes = iter::successors(error.source(), |&cause| cause.source()).take(MAX_CAUSES);
    let backtrace = Backtrace::capture();
    let mut stack = Capped::new(MAX_STACK_BYTES);
    for cause in causes {
        stack.line(cause);
    }
    if backtrace.status() == BacktraceStatus::Captured {
        stack.line(&backtrace);
    }
    let stack = Some(stack.text.trim_end()).filter(|stack| !stack.is_empty());
    span.set_error_parts(name_of::<N>(), message(error).as_str(), stack);
}

/// Marks the span with an error that can only be printed.
pub(crate) fn record_text<E: Display>(span: &Span, error: &E) {
    if span.is_recording() {
        span.set_error_parts(name_of::<E>(), message(error).as_str(), None);
    }
}

fn message(error: &(impl Display + ?Sized)) -> String {
    let mut message = Capped::new(MAX_MESSAGE_BYTES);
    message.line(error);
    message.text.truncate(message.text.trim_end_matches('\n').len());
    message.text
}

/// The name of a type; a trait object's says nothing about the error in it.
fn name_of<T: ?Sized>() -> Option<&'static str> {
    Some(type_name::<T>()).filter(|name| !name.contains("dyn "))
}

/// A text that takes no more than it may hold: writing ends there, however much would follow.
struct Capped {
    text: String,
    max: usize,
}

impl Capped {
    fn new(max: usize) -> Self {
        Self { text: String::new(), max }
    }

    /// Fails when the text is full, or when a `Display` does: what was written until then counts.
    fn line(&mut self, line: &(impl Display + ?Sized)) {
        let _ = writeln!(self, "{line}");
    }
}

impl Write for Capped {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let fitting = cut(more, self.max - self.text.len());
        self.text.push_str(fitting);
        if fitting.len() == more.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn parts_replace_what_an_earlier_error_left() {
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

    /// A backtrace is taken if the environment of the test run asks for one, and only then.
    #[test]
    fn a_backtrace_follows_if_it_is_asked_for() {
        let span = open();
        span.set_error(&Counted(1, None));
        let is_enabled = Backtrace::capture().status() == BacktraceStatus::Captured;
        assert_eq!(text(&span, "error.stack").is_some(), is_enabled);
    }
}
