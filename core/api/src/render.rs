//! Texts of values that the application can print.
//!
//! A `Display` is code of the application: it may fail, panic, or write without end.

use std::{
    fmt::{self, Display, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::text::cut;

/// Renders a value, at most `max_bytes` of it. A `Display` that fails or panics ends the text
/// where it stands; nothing of it reaches the caller.
pub fn render(value: &(impl Display + ?Sized), max_bytes: usize) -> String {
    let mut text = Capped { text: String::new(), max_bytes };
    // A text that was left half written is a text.
    let _ = catch_unwind(AssertUnwindSafe(|| write!(text, "{value}")));
    text.text
}

/// A text that takes no more than it may hold: writing ends there, however much would follow.
struct Capped {
    text: String,
    max_bytes: usize,
}

impl Write for Capped {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let fitting = cut(more, self.max_bytes - self.text.len());
        self.text.push_str(fitting);
        if fitting.len() == more.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a text, and then does what it is told.
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
}
