//! Splits lists of a few dozen bytes. The search of the standard library is made for long texts,
//! and took a twentieth of an extraction.

use packdog_api::internal::find_byte;

use super::byte_class::leading;

/// Returns the parts between separators, including empty ones.
pub(super) fn pieces(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match split_once(text, separator) {
            Some((piece, behind)) => {
                rest = Some(behind);
                Some(piece)
            }
            None => rest.take(),
        }
    })
}

/// Returns the parts before and after the first separator.
pub(super) fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = find_byte(text, separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// A key and a value.
pub(super) type Pair<'a> = (&'a [u8], &'a [u8]);

/// Reads one `key=value` pair of two classes of bytes at the start of a list, and returns it with
/// the rest of the list after its `,`. `None` if the list does not begin with such a pair.
///
/// It finds the ends and checks the bytes in one pass.
#[inline]
pub(super) fn pair(list: &[u8], key: u8, value: u8) -> Option<(Pair<'_>, Option<&[u8]>)> {
    let (key, rest) = list.split_at_checked(leading(list, key))?;
    let rest = rest.strip_prefix(b"=")?;
    let (value, rest) = rest.split_at_checked(leading(rest, value))?;
    let behind = match rest {
        [] => None,
        [b',', behind @ ..] => Some(behind),
        _ => return None,
    };
    (!key.is_empty() && !value.is_empty()).then_some(((key, value), behind))
}

#[cfg(test)]
mod tests {
    use super::{
        super::byte_class::{TAG_KEY, TAG_VALUE},
        *,
    };

    #[test]
    fn a_pair_ends_at_a_comma_or_with_the_list() {
        #[rustfmt::skip]
        let table = [
            // list        pair and what is behind it
            ("a=1",        Some((("a", "1"), None))),
            ("a=1,",       Some((("a", "1"), Some("")))),
            ("a=b=c,d",    Some((("a", "b=c"), Some("d")))),
            ("",           None),
            ("a",          None),
            ("a=",         None),
            ("a=,b=1",     None),
            ("=1",         None),
            ("a b=1",      None),
            ("a=1\t",      None),
            ("a=\u{e9}",   None),
        ];
        let text = |bytes| str::from_utf8(bytes).unwrap();
        for (list, expected) in table {
            let found = pair(list.as_bytes(), TAG_KEY, TAG_VALUE);
            let found =
                found.map(|((key, value), rest)| ((text(key), text(value)), rest.map(text)));
            assert_eq!(found, expected, "{list:?}");
        }
    }

    #[test]
    fn splits_as_the_standard_library_does() {
        for text in ["", ",", "a", "a,b", ",a,,b,", "\u{e9},\u{e9}"] {
            let expected: Vec<_> = text.split(',').collect();
            assert_eq!(pieces(text, b',').collect::<Vec<_>>(), expected, "{text:?}");
            assert_eq!(split_once(text, b','), text.split_once(','), "{text:?}");
        }
    }
}
