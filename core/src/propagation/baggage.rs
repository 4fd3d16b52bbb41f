//! The style `baggage`: items of the application, next to the trace and independent of it.
//!
//! ```text
//! baggage = member *( "," member )                              ; blank ones are ignored
//! member  = OWS key OWS "=" OWS value OWS *( ";" property )     ; properties are dropped
//! ```
//! Keys and values are percent-encoded UTF-8; `+` is a plus. Encoded characters are data, also
//! white space at the ends of a value. One malformed member within the limits rejects the whole
//! header. Rules: [W3C Baggage](https://www.w3.org/TR/baggage/#baggage-http-header-format).

use std::borrow::Cow;

use packdog_api::{Baggage, implementation::Received};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::{
    byte_class::{BAGGAGE_KEY, BAGGAGE_VALUE},
    headers::{BAGGAGE, text, trim_text as trim},
    outgoing::Outgoing,
    split::pair,
    value_text::ValueText,
};

/// The bytes that are encoded in values: all except W3C's `baggage-octet`s, and also `%` and `=`.
const VALUE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'%').add(b',').add(b';').add(b'=').add(b'\\');

/// The bytes that are encoded in keys: all except the characters of an HTTP token, and also `%`.
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

/// The limits of baggage in headers, in either direction.
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

/// Keeps a header as received if it needs no decoding, and decodes any other.
pub(super) fn receive<'a>(
    header: &'a [u8],
    limits: Limits,
) -> Result<Received<'a, Baggage>, BaggageError> {
    if let Some(count) = as_written(header, limits) {
        return Ok(Received::Text(header, count));
    }
    parse(&text(header), &mut Budget::new(limits)).map(Received::Read)
}

/// A fast path for headers that are as we would write them, without percent-encoding: they are kept
/// as received, and decoded on demand. Returns the number of items.
fn as_written(header: &[u8], limits: Limits) -> Option<usize> {
    let (mut keys, mut count) = ([b"".as_slice(); MAX_KEPT_ITEMS], 0);
    let mut rest = Some(header);
    while let Some(list) = rest {
        let ((key, _), behind) = pair(list, BAGGAGE_KEY, BAGGAGE_VALUE)?;
        rest = behind;
        if keys.iter().take(count).any(|other| *other == key) {
            return None;
        }
        *keys.get_mut(count)? = key;
        count += 1;
    }
    (count <= limits.items && header.len() <= limits.bytes).then_some(count)
}

/// Headers with more items are decoded at once, so that the search for repeated keys stays cheap.
const MAX_KEPT_ITEMS: usize = 8;

/// Reads members from the left until one exceeds the budget; those after it are not read.
pub(super) fn parse(header: &str, budget: &mut Budget) -> Result<Baggage, BaggageError> {
    let mut baggage = Baggage::new();
    for member in header.split(',').filter(|member| !trim(member).is_empty()) {
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

/// Decodes percent-encoding; invalid escapes are kept, and invalid UTF-8 is replaced.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// Adds the header with the items that fit, in order, and returns their number.
pub(super) fn inject(baggage: &Baggage, limits: Limits, headers: &mut Outgoing) -> usize {
    // As received, it needs no encoding.
    let count = baggage.len();
    let is_whole = |text: &&str| text.len() <= limits.bytes && count <= limits.items;
    if let Some(text) = baggage.as_received().filter(is_whole) {
        headers.push(BAGGAGE, |header| header.push_str(text));
        return count;
    }
    let mut count = 0;
    headers.push(BAGGAGE, |text| {
        let start = text.len();
        let mut budget = Budget::new(limits);
        for (key, value) in travelling(baggage) {
            let before = text.len();
            if before > start {
                text.push(b',');
            }
            let item = text.len();
            text.extend(utf8_percent_encode(key, KEY));
            text.push(b'=');
            push_value(text, value);
            if !budget.spend(text.len() - item) {
                text.truncate(before);
                break;
            }
            count += 1;
        }
    });
    count
}

/// Returns the items that a header can express: those with a value, and with a key that is not
/// blank.
///
/// White space around keys is removed. An item whose key then equals that of another one is left
/// out, because a receiver would confuse the two.
pub(super) fn travelling(baggage: &Baggage) -> impl Iterator<Item = (&str, &str)> {
    baggage.iter().enumerate().filter_map(|(index, (key, value))| {
        let trimmed = key.trim();
        let is_taken = || {
            let mut earlier = baggage.iter().take(index).map(|(key, _)| key.trim());
            baggage.get(trimmed).is_some() || earlier.any(|other| other == trimmed)
        };
        let is_left_out = trimmed.len() != key.len() && is_taken();
        (!trimmed.is_empty() && !value.is_empty() && !is_left_out).then_some((trimmed, value))
    })
}

/// Appends a percent-encoded value.
pub(super) fn push_value(text: &mut ValueText, value: &str) {
    text.extend(utf8_percent_encode(value, VALUE));
}

/// The remainder of the limits.
pub(super) struct Budget {
    left: Limits,
    is_fresh: bool,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self { left: limits, is_fresh: true }
    }

    /// Takes one item of this many bytes, with a separator before it; returns `false` if it exceeds
    /// the budget.
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
            ("a=1,,b",         NoEqualsSign),
            ("a=1,\u{a0},b=2", NoEqualsSign),
            ("=1",             EmptyKey),
            (" \t=1",          EmptyKey),
            ("a=",             EmptyValue),
            ("a= ;p=1",        EmptyValue),
            ("a=1,b=;p=1",     EmptyValue),
        ];
        for (header, why) in table {
            assert_eq!(parse(header, &mut Budget::new(LIMITS)), Err(why), "{header:?}");
        }
    }

    #[test]
    fn decodes_keys_and_values() {
        #[rustfmt::skip]
        let table: [(&str, &[(&str, &str)]); 15] = [
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
            ("a=%20b%0A",                      &[("a", " b\n")]),
            (",a=1",                           &[("a", "1")]),
            ("a=1,",                           &[("a", "1")]),
            ("a=1,, \t ,b=2",                  &[("a", "1"), ("b", "2")]),
            (",,,",                            &[]),
            (" ",                              &[]),
        ];
        for (header, items) in table {
            let baggage = parse(header, &mut Budget::new(LIMITS)).unwrap();
            assert_eq!(baggage.iter().collect::<Vec<_>>(), items, "{header:?}");
        }
    }

    #[test]
    fn reads_up_to_a_limit_and_ignores_the_rest() {
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
            (",a=1,,b=2,",   2,     7,     2), // Blank members take no room.
        ];
        for (header, items, bytes, read) in table {
            let baggage = parse(header, &mut Budget::new(Limits { items, bytes })).unwrap();
            assert_eq!(baggage.len(), read, "{header:?} at {items} items, {bytes} bytes");
        }
    }

    #[test]
    fn writes_the_items_that_fit_in_order() {
        let items = [("b", "1"), (" ", "x"), (" a ", "\t2,"), ("c", ""), ("d%=(", "%=(")];
        #[rustfmt::skip]
        let table = [
            // items bytes  header
            (9,      99,    "b=1,a=%092%2C,d%25%3D%28=%25%3D("),
            (2,      99,    "b=1,a=%092%2C"),
            (9,      13,    "b=1,a=%092%2C"),
            (9,      12,    "b=1"),
            (9,      2,     ""),
            (0,      99,    ""),
        ];
        for (max_items, bytes, header) in table {
            let mut headers = Outgoing::new();
            let limits = Limits { items: max_items, bytes };
            inject(&Baggage::from_iter(items), limits, &mut headers);
            let written = headers.iter().next().map(|(_, value)| value).unwrap_or_default();
            assert_eq!(written, header, "{max_items} items, {bytes} bytes");
        }
    }

    #[test]
    fn keys_that_differ_in_white_space_alone_travel_once() {
        let items = [(" a", "1"), ("a ", "2"), ("b ", "3"), ("b", "4"), ("c\t", " ")];
        let baggage = Baggage::from_iter(items);
        let travelling: Vec<_> = travelling(&baggage).collect();
        assert_eq!(travelling, [("a", "1"), ("b", "4"), ("c", " ")]);
    }

    #[test]
    fn headers_as_we_write_them_are_kept_as_received() {
        let eight: Vec<_> = (1..=8).map(|number| format!("k{number}=v")).collect();
        #[rustfmt::skip]
        let table = [
            // header                                    is kept
            ("user.id=42,plan=a/b:c".to_owned(),          true),
            (eight.join(","),                             true),
            (format!("{},k9=v", eight.join(",")),         false),
            ("a=1, b=2".to_owned(),                       false),
            ("a=1,".to_owned(),                           false),
            ("a=%20".to_owned(),                          false),
            ("a=1;p".to_owned(),                          false),
            ("a=1,a=2".to_owned(),                        false),
            ("a b=1".to_owned(),                          false),
            ("a=\u{e9}".to_owned(),                       false),
            (String::new(),                               false),
        ];
        for (header, is_kept) in table {
            let received = receive(header.as_bytes(), LIMITS).unwrap();
            assert_eq!(matches!(received, Received::Text(..)), is_kept, "{header:?}");
            let few = receive(header.as_bytes(), Limits { items: 1, bytes: 9 }).unwrap();
            assert!(!matches!(few, Received::Text(..)), "{header:?}");
        }
    }
}
