//! The hosts that headers name: the place in `Host`, and the name in `Referer`.
//!
//! Each request has both, and nearly all are bytes of one class up to their end, so that one pass
//! finds out everything about them.

use packdog::internal::find_byte;

use crate::url::without_user_info;

/// A byte that a host and its port may have.
const PLACE: u8 = 1;
/// A byte that a name or an IPv4 address may have.
const NAME: u8 = 2;

/// The classes of all bytes, as a table: comparisons cost three times as much.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        classes[byte as usize] = match byte {
            b'"' | b'#' | b'/' | b'<' | b'>' | b'?' | b'@' | b'\\' | b'^' | b'`' | b'{' | b'|'
            | b'}' => 0,
            b':' | b'[' | b']' => PLACE,
            _ => PLACE | NAME,
        };
        byte += 1;
    }
    classes
};

/// The number of bytes of a class at the start.
fn leading(text: &str, class: u8) -> usize {
    let is_of = |byte: u8| CLASSES.get(usize::from(byte)).is_some_and(|of| of & class != 0);
    text.bytes().position(|byte| !is_of(byte)).unwrap_or(text.len())
}

/// The host and the port of a header `Host`, without user info; `None` if it names no host: RFC 9112
/// §3.2. Anything else would make other parts of the URL, or none.
pub(crate) fn place_of_host(text: &str) -> Option<&str> {
    let is_all = |text: &str| leading(text, PLACE) == text.len();
    let place =
        if is_all(text) { text } else { Some(without_user_info(text)).filter(|t| is_all(t))? };
    (!place.is_empty() && !place.starts_with(':')).then_some(place)
}

/// The host of a `Referer`, without port and user info; `None` if that is no URL of the web.
pub(crate) fn referrer_hostname(referrer: &str) -> Option<&str> {
    let rest = referrer.strip_prefix("https://").or_else(|| referrer.strip_prefix("http://"))?;
    let (name, behind) = rest.split_at_checked(leading(rest, NAME))?;
    match behind.as_bytes().first() {
        None | Some(b'/' | b'?' | b'#') => (!name.is_empty()).then_some(name),
        Some(_) => host_beside_others(rest),
    }
}

/// The host of an authority that has user info, a port or brackets as well, or that is none.
fn host_beside_others(rest: &str) -> Option<&str> {
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    let place = without_user_info(end.and_then(|end| rest.get(..end)).unwrap_or(rest));
    let host = if place.starts_with('[') {
        place.get(..=place.find(']')?)?
    } else {
        find_byte(place, b':').and_then(|end| place.get(..end)).unwrap_or(place)
    };
    place_of_host(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_referrer_is_the_host_of_a_page() {
        #[rustfmt::skip]
        let table = [
            // Referer                         host
            ("https://example.com/a?b#c",      Some("example.com")),
            ("http://user:pass@example.com:1", Some("example.com")),
            ("http://[::1]:1/",                Some("[::1]")),
            ("http://[::1/",                   None),
            ("https://exam ple.com/",          None),
            ("ftp://example.com/",             None),
            ("example.com",                    None),
            ("/a",                             None),
            ("http://",                        None),
            ("http:///a",                      None),
            ("",                               None),
        ];
        for (referrer, expected) in table {
            assert_eq!(referrer_hostname(referrer), expected, "{referrer}");
        }
    }
}
