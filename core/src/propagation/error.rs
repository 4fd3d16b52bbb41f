//! The values of the tag `_dd.propagation_error`.

use std::borrow::Cow;

/// Received tags were longer than the limit.
pub(super) const EXTRACT_MAX_SIZE: &str = "extract_max_size";
/// Received tags do not follow the grammar.
pub(super) const DECODING_ERROR: &str = "decoding_error";
/// Tags to be written were longer than the limit.
pub(super) const INJECT_MAX_SIZE: &str = "inject_max_size";
/// A tag to be written does not fit the grammar.
pub(super) const ENCODING_ERROR: &str = "encoding_error";
/// Tags existed, but the limit is 0.
pub(super) const DISABLED: &str = "disabled";

/// The received `_dd.p.tid` is not the high half of a trace id.
pub(super) fn malformed_tid(received: &str) -> Cow<'static, str> {
    let is_plain = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.');
    let plain = |char| if is_plain(&char) { char } else { '_' };
    let received: String = received.chars().take(MAX_RECEIVED_CHARS).map(plain).collect();
    Cow::Owned(format!("malformed_tid {received}"))
}

/// The most characters of a received value that are shown: four times as long as a valid one.
const MAX_RECEIVED_CHARS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_value_is_shown_short_and_plain() {
        #[rustfmt::skip]
        let table = [
            // received                    shown
            ("1234567890abcdeX".to_owned(),  "1234567890abcdeX".to_owned()),
            ("+40cfd8d-0.x".to_owned(),      "+40cfd8d-0.x".to_owned()),
            ("<b>\"'`$&;\r\n\u{e9}".to_owned(), "_b__________".to_owned()),
            ("a".repeat(64),                 "a".repeat(64)),
            ("a".repeat(65),                 "a".repeat(64)),
        ];
        for (received, shown) in table {
            assert_eq!(malformed_tid(&received), format!("malformed_tid {shown}"), "{received:?}");
        }
    }
}
