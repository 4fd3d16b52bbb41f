//! Short texts: static or inline without an allocation, shared when longer, cut at a limit.

use std::borrow::Cow;

use smol_str::SmolStr;

/// The most bytes of a tag's text, as the Datadog Agent cuts it.
pub const MAX_TAG_VALUE_BYTES: usize = 25_000;

/// A static text stays borrowed, others are copied; at most `max` bytes, cut at a character.
pub(crate) fn text(value: impl Into<Cow<'static, str>>, max: usize) -> SmolStr {
    match value.into() {
        Cow::Borrowed(text) => SmolStr::new_static(cut(text, max)),
        Cow::Owned(text) => SmolStr::new(cut(&text, max)),
    }
}

/// The longest start of `text` that is at most `max` bytes long and ends with a whole character.
pub fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_a_whole_character() {
        #[rustfmt::skip]
        let table = [
            // text   max  expected
            ("abc",   4,   "abc"),
            ("abc",   3,   "abc"),
            ("abc",   2,   "ab"),
            ("aé",    2,   "a"),
            ("é",     1,   ""),
            ("",      0,   ""),
        ];
        for (text, max, expected) in table {
            assert_eq!(cut(text, max), expected, "{text:?} at {max}");
        }
    }
}
