//! Short texts: static or inline without an allocation, shared when longer, cut at a limit.

use std::borrow::Cow;

use smol_str::SmolStr;

/// 25 000: the most bytes of a tag's text, as the Datadog Agent cuts it.
pub const MAX_TAG_VALUE_BYTES: usize = 25_000;

/// A static text stays borrowed, others are copied; at most `max` bytes, cut at a character.
#[inline]
pub(crate) fn text(value: impl Into<Cow<'static, str>>, max: usize) -> SmolStr {
    match value.into() {
        Cow::Borrowed(text) => SmolStr::new_static(cut(text, max)),
        Cow::Owned(text) => SmolStr::new(cut(&text, max)),
    }
}

/// Returns bytes as text: UTF-8 with replacement.
pub fn lossy(value: &[u8]) -> Cow<'_, str> {
    // Nearly all values need no replacement, and are checked for a fraction of its cost.
    str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed)
}

/// Returns the position of the first `byte`.
///
/// A fast path for texts of a few dozen bytes: it compares eight at once, which costs a quarter of
/// one after the other. The search of the standard library is made for long texts.
#[inline]
pub fn find_byte(text: &str, byte: u8) -> Option<usize> {
    /// A one in each of eight bytes, and the highest bit of each.
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;

    let (mut at, mut rest) = (0, text.as_bytes());
    while let Some((eight, behind)) = rest.split_first_chunk() {
        // A byte that equals becomes zero, and the lowest zero is marked exactly.
        let differences = u64::from_le_bytes(*eight) ^ (u64::from(byte) * ONES);
        let zeros = differences.wrapping_sub(ONES) & !differences & HIGHS;
        if zeros != 0 {
            return Some(at + zeros.trailing_zeros() as usize / 8); // Below eight.
        }
        (at, rest) = (at + 8, behind);
    }
    let in_rest = rest.iter().position(|other| *other == byte);
    in_rest.map(|position| at + position)
}

/// The longest start of `text` that is at most `max` bytes long and ends with a whole character.
#[inline]
pub fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max { text } else { cut_long(text, max) }
}

#[cold]
fn cut_long(text: &str, max: usize) -> &str {
    let end = (0..=max).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_byte_wherever_it_is() {
        let alphabet = "\u{80}\u{ff}bcdefghijklmnopqrstuvwxyz";
        for (start, _) in alphabet.char_indices() {
            let text = &alphabet[start..];
            for byte in 0..=u8::MAX {
                let expected = text.bytes().position(|other| other == byte);
                assert_eq!(find_byte(text, byte), expected, "{text} {byte}");
                let twice = text.repeat(2);
                assert_eq!(find_byte(&twice, byte), expected, "{twice} {byte}");
            }
        }
    }

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
