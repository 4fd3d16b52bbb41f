//! A buffer for resources that are built and then copied into a span.
//!
//! A span keeps a text of its own, so that a `String` for each resource would be allocated, copied and
//! freed at once.

use std::cell::RefCell;

/// The most bytes that a thread keeps between two texts.
const MAX_KEPT_BYTES: usize = 16 * 1024;

thread_local! {
    static BUFFER: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Builds a text in the buffer of this thread, and hands it to `use_text`.
pub(crate) fn with_text<T>(build: impl FnOnce(&mut String), use_text: impl FnOnce(&str) -> T) -> T {
    // The buffer is away while it is in use: code below may build a text as well.
    let mut buffer = BUFFER.try_with(RefCell::take).unwrap_or_default();
    build(&mut buffer);
    let used = use_text(&buffer);
    if buffer.capacity() <= MAX_KEPT_BYTES {
        buffer.clear();
        let _ = BUFFER.try_with(|kept| kept.replace(buffer));
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_begins_anew_also_inside_another_one() {
        let build = |text: &'static str| move |buffer: &mut String| buffer.push_str(text);
        let both = with_text(build("outer"), |outer| {
            with_text(build("inner"), |inner| format!("{outer} {inner}"))
        });
        assert_eq!(both, "outer inner");
        assert_eq!(with_text(build("next"), str::to_owned), "next");
    }

    #[test]
    fn a_large_buffer_is_not_kept() {
        with_text(|buffer| buffer.push_str(&"x".repeat(MAX_KEPT_BYTES + 1)), |_| ());
        assert_eq!(BUFFER.with_borrow(String::capacity), 0);
    }
}
