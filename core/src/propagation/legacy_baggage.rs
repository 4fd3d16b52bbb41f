//! Baggage in the form of OpenTracing: one header per item, `ot-baggage-<key>: <value>`.
//!
//! Off by default. Keys are in lower case, values percent-encoded as in `baggage`. The limits are
//! those of `baggage`, and both kinds of headers share them: for each item its key, its value and
//! one byte count.

use packdog_api::{Baggage, carrier::Carrier};

use super::{
    baggage::{Budget, Limits, decoded, push_value},
    headers,
    outgoing::Outgoing,
};

/// The prefix of the names of these headers.
const PREFIX: &str = "ot-baggage-";

/// Adds the items of `carrier`. Existing items take precedence, because the keys of these headers
/// lose their case.
pub(super) fn extract(carrier: &dyn Carrier, budget: &mut Budget, baggage: &mut Baggage) {
    let mut is_full = false;
    carrier.for_each(&mut |name, value| {
        let Some(key) = key(name) else { return };
        let value = headers::text(headers::trim(value));
        let is_known = || baggage.iter().any(|(other, _)| other.eq_ignore_ascii_case(key));
        if value.is_empty() || is_full || is_known() {
            return;
        }
        is_full = !budget.spend(key.len() + 1 + value.len());
        if !is_full {
            baggage.set(key.to_ascii_lowercase(), decoded(&value));
        }
    });
}

/// Whether a header of this name is an item of baggage.
pub(super) fn is_item(name: &str) -> bool {
    key(name).is_some()
}

fn key(name: &str) -> Option<&str> {
    let (prefix, key) = name.split_at_checked(PREFIX.len())?;
    (prefix.eq_ignore_ascii_case(PREFIX) && !key.is_empty()).then_some(key)
}

/// Adds a header per item; keys that cannot be part of a header's name are left out.
pub(super) fn inject<'a>(
    items: impl Iterator<Item = (&'a str, &'a str)>,
    limits: Limits,
    headers: &mut Outgoing,
) {
    let mut budget = Budget::new(limits);
    for (key, value) in items.filter(|(key, _)| key.bytes().all(is_token)) {
        let mut is_full = false;
        headers.push_item(format!("{PREFIX}{}", key.to_ascii_lowercase()), |text| {
            let start = text.len();
            push_value(text, value);
            is_full = !budget.spend(key.len() + 1 + text.len() - start);
            if is_full {
                text.truncate(start);
            }
        });
        if is_full {
            return;
        }
    }
}

/// Whether a byte can be part of a header's name: [RFC 9110,
/// tokens](https://www.rfc-editor.org/rfc/rfc9110.html#name-tokens).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::{
        super::baggage::{self, travelling},
        *,
    };

    const LIMITS: Limits = Limits { items: 3, bytes: 40 };

    fn extracted(lines: &[(&str, &str)], limits: Limits) -> Vec<(String, String)> {
        let lines: Vec<_> = lines.to_vec();
        let mut budget = Budget::new(limits);
        let mut baggage = baggage::parse("w3c=1", &mut budget).unwrap();
        extract(&lines, &mut budget, &mut baggage);
        baggage.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).skip(1).collect()
    }

    #[test]
    fn reads_each_header_as_an_item_within_the_limits() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let lines = [
            ("OT-Baggage-User", " a%20b+c "),
            ("ot-baggage-", "no key"),
            ("ot-baggage-empty", ""),
            ("ot-baggage", "no prefix"),
            ("ot-baggage-w3c", "2"),
            ("ot-baggage-plan", "pro"),
            ("ot-baggage-more", "1"),
        ];
        assert_eq!(extracted(&lines, LIMITS), [pair("user", "a b+c"), pair("plan", "pro")]);
        // "w3c=1" is 5 bytes long, ",User=a%20b+c" 13 and ",plan=pro" 9.
        let limits = |bytes| Limits { items: 9, bytes };
        assert_eq!(extracted(&lines, limits(26)), [pair("user", "a b+c")]);
        assert_eq!(extracted(&lines, limits(27)), [pair("user", "a b+c"), pair("plan", "pro")]);
    }

    #[test]
    fn writes_items_whose_keys_can_be_header_names() {
        let baggage = Baggage::from_iter([
            ("User", "a\r\nb"),
            ("with space", "1"),
            ("\u{e9}", "1"),
            ("empty", ""),
            ("b", "2"),
            ("c", "3"),
            ("d", "4"),
        ]);
        let mut headers = Outgoing::new();
        inject(travelling(&baggage), LIMITS, &mut headers);
        assert_eq!(
            headers.iter().collect::<Vec<_>>(),
            [("ot-baggage-user", "a%0D%0Ab"), ("ot-baggage-b", "2"), ("ot-baggage-c", "3")]
        );
    }
}
