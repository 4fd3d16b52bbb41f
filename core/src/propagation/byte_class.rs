//! The bytes that each grammar allows, as one table. Most values are checked once per request, and
//! a table lookup costs a third of the comparisons.

/// `%x20-7E`.
pub(super) const PRINTABLE: u8 = 1;
/// The key of another vendor in `tracestate`.
pub(super) const VENDOR_KEY: u8 = 1 << 1;
/// The value of another vendor in `tracestate`.
pub(super) const VENDOR_VALUE: u8 = 1 << 2;
/// The key of a tag in `x-datadog-tags`.
pub(super) const TAG_KEY: u8 = 1 << 3;
/// The value of a tag in `x-datadog-tags`.
pub(super) const TAG_VALUE: u8 = 1 << 4;
/// The key and the value of an item of baggage that need no percent-encoding.
pub(super) const BAGGAGE_KEY: u8 = 1 << 5;
pub(super) const BAGGAGE_VALUE: u8 = 1 << 6;
/// A text in our member of `tracestate` that is written unchanged.
pub(super) const OUR_TEXT: u8 = 1 << 7;

static CLASSES: [u8; 256] = classes();

/// Whether all bytes of `text` are of this class.
pub(super) fn are_all(text: impl AsRef<[u8]>, class: u8) -> bool {
    let text = text.as_ref();
    leading(text, class) == text.len()
}

/// Returns the number of bytes at the start of `text` that are of this class.
#[inline]
pub(super) fn leading(text: impl AsRef<[u8]>, class: u8) -> usize {
    let is_other = |byte: u8| CLASSES.get(usize::from(byte)).is_none_or(|it| it & class == 0);
    let (mut at, mut rest) = (0, text.as_ref());
    // Four in a row: a loop over single bytes spends half of its time on counting them.
    while let Some((&[first, second, third, fourth], behind)) = rest.split_first_chunk() {
        if is_other(first) {
            return at;
        }
        if is_other(second) {
            return at + 1;
        }
        if is_other(third) {
            return at + 2;
        }
        if is_other(fourth) {
            return at + 3;
        }
        (at, rest) = (at + 4, behind);
    }
    at + rest.iter().position(|byte| is_other(*byte)).unwrap_or(rest.len())
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        let is_alphanumeric = byte.is_ascii_alphanumeric();
        let mut class = PRINTABLE;
        if byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'_' | b'-' | b'*' | b'/' | b'@')
        {
            class |= VENDOR_KEY;
        }
        if byte != b',' {
            class |= TAG_VALUE;
            if byte != b'=' {
                class |= VENDOR_VALUE;
                if byte != b' ' {
                    class |= TAG_KEY;
                }
            }
        }
        if !matches!(byte, b' ' | b'"' | b'%' | b',' | b';' | b'=' | b'\\') {
            class |= BAGGAGE_VALUE;
            if is_alphanumeric
                || !matches!(
                    byte,
                    b'(' | b')'
                        | b'/'
                        | b':'
                        | b'<'
                        | b'>'
                        | b'?'
                        | b'@'
                        | b'['
                        | b']'
                        | b'{'
                        | b'}'
                )
            {
                class |= BAGGAGE_KEY;
            }
        }
        if !matches!(byte, b',' | b';' | b'~' | b'=') {
            class |= OUR_TEXT;
        }
        classes[byte as usize] = class;
        byte += 1;
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_the_bytes_of_its_grammar() {
        let all: String = (0..=255_u8).map(char::from).collect();
        #[rustfmt::skip]
        let table = [
            // class         but for these of the printable ones
            (PRINTABLE,      ""),
            (VENDOR_KEY,     " !\"#$%&'()+,.:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^`{|}~"),
            (VENDOR_VALUE,   ",="),
            (TAG_KEY,        " ,="),
            (TAG_VALUE,      ","),
            (BAGGAGE_KEY,    " \"%(),/:;<=>?@[\\]{}"),
            (BAGGAGE_VALUE,  " \"%,;=\\"),
            (OUR_TEXT,       ",;=~"),
        ];
        for (class, but_for) in table {
            for char in all.chars() {
                let expected = (' '..='~').contains(&char) && !but_for.contains(char);
                assert_eq!(are_all(char.to_string(), class), expected, "{char:?} of {class}");
            }
        }
    }
}
