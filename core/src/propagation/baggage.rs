//! The style `baggage`: items of the application, next to the trace and independent of it.
//!
//! ```text
//! baggage = member *( "," member )
//! member  = OWS key OWS "=" OWS value OWS *( ";" property )     ; properties are dropped
//! ```
//! Keys and values are percent-encoded UTF-8; `+` is a plus. One malformed member within the
//! limits rejects the whole header.
//! Rules: [W3C Baggage](https://www.w3.org/TR/baggage/#baggage-http-header-format).

use std::borrow::Cow;

use packdog_api::{Baggage, carrier::InjectedHeaders};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::headers::{BAGGAGE, trim};

/// What a value cannot hold as it is: all but W3C's `baggage-octet`s, and `%` and `=` as well.
const VALUE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'%').add(b',').add(b';').add(b'=').add(b'\\');

/// What a key cannot hold as it is: all but the characters of an HTTP token, and `%` as well.
const KEY: &AsciiSet = &VALUE
    .add(b'(')
    .add(b')')
    .add(b'/')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'@')
    .add(b'[')
    .add(b']')
    .add(b'{')
    .add(b'}');

/// How much baggage travels, in either direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) items: usize,
    pub(super) bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BaggageError {
    NoEqualsSign,
    EmptyKey,
    EmptyValue,
}

/// Reads members from the left until one exceeds a limit; those behind it are not looked at.
pub(super) fn parse(header: &str, limits: Limits) -> Result<Baggage, BaggageError> {
    let mut baggage = Baggage::new();
    if header.is_empty() {
        return Ok(baggage);
    }
    let mut budget = Budget::new(limits);
    for member in header.split(',') {
        if !budget.spend(member.len()) {
            break;
        }
        let (key, value) = item(member)?;
        baggage.set(decoded(key), decoded(value));
    }
    Ok(baggage)
}

fn item(member: &str) -> Result<(&str, &str), BaggageError> {
    let (key, rest) = member.split_once('=').ok_or(BaggageError::NoEqualsSign)?;
    let value = rest.split(';').next().unwrap_or_default();
    match (trim(key), trim(value)) {
        ("", _) => Err(BaggageError::EmptyKey),
        (_, "") => Err(BaggageError::EmptyValue),
        item => Ok(item),
    }
}

/// Without percent-encoding; invalid escapes stay, bytes that are no UTF-8 are replaced.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// Adds the header with the items that fit, in order.
pub(super) fn inject(baggage: &Baggage, limits: Limits, headers: &mut InjectedHeaders) {
    headers.push(BAGGAGE, |text| {
        let start = text.len();
        let mut budget = Budget::new(limits);
        for (key, value) in travelling(baggage) {
            let before = text.len();
            if before > start {
                text.push(',');
            }
            let item = text.len();
            text.extend(utf8_percent_encode(key, KEY));
            text.push('=');
            push_value(text, value);
            if !budget.spend(text.len() - item) {
                text.truncate(before);
                break;
            }
        }
    });
}

/// The items that a header can express: without outer whitespace, and not empty then.
pub(super) fn travelling(baggage: &Baggage) -> impl Iterator<Item = (&str, &str)> {
    baggage
        .iter()
        .map(|(key, value)| (key.trim(), value.trim()))
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
}

/// Appends a percent-encoded value.
pub(super) fn push_value(text: &mut String, value: &str) {
    text.extend(utf8_percent_encode(value, VALUE));
}

/// What is left of the limits.
pub(super) struct Budget {
    left: Limits,
    is_fresh: bool,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self { left: limits, is_fresh: true }
    }

    /// Takes one item of so many bytes, with a separator before it; `false` if it is too much.
    pub(super) fn spend(&mut self, bytes: usize) -> bool {
        let bytes = bytes + usize::from(!self.is_fresh);
        let left = (self.left.items.checked_sub(1), self.left.bytes.checked_sub(bytes));
        let (Some(items), Some(bytes)) = left else { return false };
        *self = Self { left: Limits { items, bytes }, is_fresh: false };
        true
    }
}
#[cfg(test)]
mod tests {
    use super::{BaggageError::*, *};

    const LIMITS: Limits = Limits { items: 64, bytes: 8192 };

    #[test]
    fn one_malformed_member_rejects_the_header() {
        #[rustfmt::skip]
        let table = [
            // header          why
            ("a",              NoEqualsSign),
            ("a=1,b",          NoEqualsSign),
            ("a=1,",           NoEqualsSign),
            ("a=1,,b=2",       NoEqualsSign),
            ("=1",             EmptyKey),
            (" \t=1",          EmptyKey),
            ("a=",             EmptyValue),
            ("a= ;p=1",        EmptyValue),
            ("a=1,b=;p=1",     EmptyValue),
        ];
        for (header, why) in table {
            assert_eq!(parse(header, LIMITS), Err(why), "{header:?}");
        }
    }

    #[test]
    fn decodes_keys_and_values() {
        #[rustfmt::skip]
        let table: [(&str, &[(&str, &str)]); 9] = [
            // header                          items
            ("",                               &[]),
            (" a\t=\tb c ,d=e",                &[("a", "b c"), ("d", "e")]),
            ("a=b=c;p1;p2=x , d=e;;",          &[("a", "b=c"), ("d", "e")]),
            ("a;b=1",                          &[("a;b", "1")]), // Properties follow values.
            ("a=%2C%3b%C3%A9+",                &[("a", ",;\u{e9}+")]),
            ("a=%zz%,b=%4",                    &[("a", "%zz%"), ("b", "%4")]),
            ("a=%ff",                          &[("a", "\u{fffd}")]),
            ("%61=1,a=2,A=3",                  &[("a", "2"), ("A", "3")]),
            ("a=%20",                          &[("a", " ")]),
        ];
        for (header, items) in table {
            let baggage = parse(header, LIMITS).unwrap();
            assert_eq!(baggage.iter().collect::<Vec<_>>(), items, "{header:?}");
        }
    }

    #[test]
    fn reads_up_to_a_limit_and_does_not_look_behind_it() {
        #[rustfmt::skip]
        let table = [
            // header        items  bytes  read
            ("a=1,b=2,c",    2,     99,    2),
            ("a=1,a=2,b=1",  2,     99,    1), // Repeated keys count.
            ("a=1,b=2,c=3",  9,     6,     1),
            ("a=1,b=2,c=3",  9,     7,     2),
            ("a=1,b=2,c=3",  9,     10,    2),
            ("a=1,b=2,c=3",  9,     11,    3),
            ("a=1, b=2,c",   9,     8,     2), // Spaces count.
            ("a=1",          9,     2,     0),
            ("broken",       0,     99,    0),
        ];
        for (header, items, bytes, read) in table {
            let baggage = parse(header, Limits { items, bytes }).unwrap();
            assert_eq!(baggage.len(), read, "{header:?} at {items} items, {bytes} bytes");
        }
    }

    #[test]
    fn writes_what_fits_in_order() {
        let items = [("b", "1"), (" ", "x"), (" a ", "\t2,"), ("c", ""), ("d%=(", "%=(")];
        #[rustfmt::skip]
        let table = [
            // items bytes  header
            (9,      99,    "b=1,a=2%2C,d%25%3D%28=%25%3D("),
            (2,      99,    "b=1,a=2%2C"),
            (9,      10,    "b=1,a=2%2C"),
            (9,      9,     "b=1"),
            (9,      2,     ""),
            (0,      99,    ""),
        ];
        for (max_items, bytes, header) in table {
            let mut headers = InjectedHeaders::new();
            let limits = Limits { items: max_items, bytes };
            inject(&Baggage::from_iter(items), limits, &mut headers);
            let written = headers.iter().next().map(|(_, value)| value).unwrap_or_default();
            assert_eq!(written, header, "{max_items} items, {bytes} bytes");
        }
    }
}
