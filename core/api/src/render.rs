//! Renders texts of the application so that a failure or panic in them does not reach its caller.

use std::{
    any::Any,
    error::Error,
    fmt::{self, Display, Write},
    iter, mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::text::cut;

/// The most causes of an error that are followed; a cycle of causes ends there as well.
pub(crate) const MAX_CAUSES: usize = 64;
/// The most bytes of an error's message.
pub const MAX_MESSAGE_BYTES: usize = 5_000;

/// Returns the text of `value`, cut at `max_bytes`.
///
/// If `Display` fails or panics, the text ends there.
pub fn render(value: &(impl Display + ?Sized), max_bytes: usize) -> String {
    let mut text = CappedText::new(max_bytes);
    text.write(value);
    text.text
}

/// Returns the error's message, cut at [`MAX_MESSAGE_BYTES`].
pub fn message(error: &(impl Display + ?Sized)) -> String {
    render(error, MAX_MESSAGE_BYTES)
}

/// Returns the causes of an error, one per line, cut at `max_bytes`; empty if there are none.
pub fn causes(error: &(impl Error + ?Sized), max_bytes: usize) -> String {
    let mut text = CappedText::new(max_bytes);
    for cause in each_cause(caught(|| error.source()).flatten()) {
        if !text.text.is_empty() {
            text.write("\n");
        }
        text.write(cause);
    }
    text.text
}

/// Returns the error, and then its causes, `MAX_CAUSES` of them at most. They end where `source`
/// panics.
pub fn with_causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::once(error).chain(each_cause(cause_of(error)))
}

fn each_cause<'e>(
    first: Option<&'e (dyn Error + 'static)>,
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(first, |&cause| cause_of(cause)).take(MAX_CAUSES)
}

fn cause_of<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    caught(|| error.source()).flatten()
}

/// Returns the message of a panic, if its payload is a text.
pub fn panic_message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

/// Calls code of the application; `None` if it panics. Nothing that `f` may leave half done is used
/// again.
pub fn caught<T>(f: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(f)).map_err(discard).ok()
}

/// Drops the payload of a panic, whose destructor may panic as well.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(another); // Its destructor might go on like this for ever.
    }
}

/// A text with a maximum length: writing stops there, however much would follow.
struct CappedText {
    text: String,
    max_bytes: usize,
}

impl CappedText {
    fn new(max_bytes: usize) -> Self {
        Self { text: String::new(), max_bytes }
    }

    fn write(&mut self, value: &(impl Display + ?Sized)) {
        // What was written until the failure stays; a `String` is whole after each write.
        caught(|| write!(self, "{value}"));
    }
}

impl Write for CappedText {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let fitting = cut(more, self.max_bytes - self.text.len());
        self.text.push_str(fitting);
        if fitting.len() == more.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::*;

    /// Writes a text, and then calls a function.
    struct Hostile(fn(&mut fmt::Formatter<'_>) -> fmt::Result);

    impl Display for Hostile {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("begun")?;
            (self.0)(f)
        }
    }

    #[test]
    fn a_display_that_fails_panics_or_never_ends_gives_the_text_until_then() {
        #[rustfmt::skip]
        let table: [(Hostile, &str); 4] = [
            (Hostile(|f| f.write_str(", done")),         "begun, done"),
            (Hostile(|_| Err(fmt::Error)),               "begun"),
            (Hostile(|_| panic!("no text")),             "begun"),
            (Hostile(|f| loop { f.write_str("é")? }),    "beguné…"),
        ];
        for (hostile, expected) in table {
            let text = render(&hostile, 16);
            match expected.strip_suffix('…') {
                Some(start) => assert!(text.starts_with(start) && text.len() <= 16, "{text:?}"),
                None => assert_eq!(text, expected),
            }
        }
    }

    #[test]
    fn a_payload_whose_destructor_panics_goes_no_further() {
        struct Endless;

        impl Drop for Endless {
            fn drop(&mut self) {
                panic_any(Self);
            }
        }

        assert_eq!(caught(|| "done"), Some("done"));
        assert_eq!(caught(|| panic_any(Endless)), None::<()>);
        assert_eq!(render(&Hostile(|_| panic_any(Endless)), 16), "begun");
    }

    #[test]
    fn a_text_is_cut_at_a_whole_character() {
        assert_eq!(render("abé", 3), "ab");
        assert_eq!(render("abé", 4), "abé");
    }

    /// An error that is its own cause.
    #[derive(Debug)]
    struct Cycle;

    impl Display for Cycle {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cycle")
        }
    }

    impl Error for Cycle {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(self)
        }
    }

    #[test]
    fn a_cycle_of_causes_ends() {
        assert_eq!(with_causes(&Cycle).count(), 1 + MAX_CAUSES);
        assert_eq!(causes(&Cycle, usize::MAX).lines().count(), MAX_CAUSES);
    }

    #[test]
    fn the_message_of_a_panic_is_its_text() {
        assert_eq!(panic_message(&"no bread"), "no bread");
        assert_eq!(panic_message(&"no bread".to_owned()), "no bread");
        assert_eq!(panic_message(&7), "a panic without a message");
    }
}
