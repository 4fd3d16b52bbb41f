//! The member `ot` of `tracestate`: the probability with which OpenTelemetry's samplers, and rates
//! of ours, kept a trace.
//!
//! ```text
//! member = "ot=" field *( ";" field )
//! field  = "rv:" 14HEX / "th:" 1*14HEX / other     ; lowercase; th without zeros at its end
//! ```
//! `rv` is the randomness of the trace, and `th` the threshold below which it is dropped. Received
//! fields are passed on, malformed ones of these two are removed, and other fields stay. Rules:
//! [OpenTelemetry, `tracestate` handling](https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/).

use packdog_api::implementation::Probability;

use super::{digits::Hex, value_text::ValueText};

/// The start of the member.
pub(super) const KEY: &str = "ot=";
/// The longest value: OpenTelemetry, "256 characters".
const MAX_VALUE_BYTES: usize = 256;
/// The hex digits of 56 bits.
const DIGITS: usize = 14;

/// The fields of a received member; of repeated ones the last one counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct OtMember<'a> {
    randomness: Option<&'a str>,
    threshold: Option<&'a str>,
    /// The value, which may have other fields.
    value: &'a str,
}

impl<'a> OtMember<'a> {
    fn parse(value: &'a str) -> Self {
        let mut member = Self { value, ..Self::default() };
        for field in value.split(';') {
            match field.split_at_checked(3) {
                Some(("rv:", digits)) => member.randomness = Some(digits),
                Some(("th:", digits)) => member.threshold = Some(digits),
                _ if field == "rv" => member.randomness = None,
                _ if field == "th" => member.threshold = None,
                _ => {}
            }
        }
        let is_number = |digits: &&str| is_hex(digits) && digits.len() <= DIGITS;
        member.randomness =
            member.randomness.filter(|digits| is_hex(digits) && digits.len() == DIGITS);
        member.threshold = member.threshold.filter(is_number);
        member
    }

    fn others(&self) -> impl Iterator<Item = &'a str> {
        let is_ours = |field: &str| matches!(field.split(':').next(), Some("rv" | "th"));
        self.value.split(';').filter(move |field| !field.is_empty() && !is_ours(field))
    }
}

/// One or more lowercase hex digits.
fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Appends the member, with a `,` before it unless it is the first of the list that begins at
/// `start`; nothing if it would be empty. `received` is the value of the received member.
pub(super) fn write(text: &mut ValueText, start: usize, received: &str, probability: Probability) {
    let before = text.len();
    if before > start {
        text.push(b',');
    }
    text.push_str(KEY);
    let mut member = Written { start: text.len(), text };
    let received = OtMember::parse(received);
    let has_received = received.randomness.is_some() || received.threshold.is_some();
    match probability {
        Probability::Decided { randomness, threshold } if !has_received => {
            member.field("rv:", digits(&Hex::of(randomness)));
            member.field("th:", without_zeros(digits(&Hex::of(threshold))));
        }
        _ => {
            let own = match probability {
                Probability::None { randomness } => randomness.map(Hex::of),
                _ => None,
            };
            if let Some(randomness) = received.randomness.or(own.as_ref().map(digits)) {
                member.field("rv:", randomness);
            }
            let is_true = !matches!(probability, Probability::None { .. });
            if let Some(threshold) = received.threshold.filter(|_| is_true) {
                member.field("th:", threshold);
            }
        }
    }
    for field in received.others() {
        member.field("", field);
    }
    member.end(before);
}

/// Returns the digits of 56 bits.
fn digits(hex: &Hex) -> &str {
    hex.as_str().get(16 - DIGITS..).unwrap_or_default()
}

fn without_zeros(digits: &str) -> &str {
    match digits.trim_end_matches('0') {
        "" => "0",
        digits => digits,
    }
}

/// The value that is being written, from `start` on.
struct Written<'a> {
    text: &'a mut ValueText,
    start: usize,
}

impl Written<'_> {
    /// Appends a field, unless the value would be too long.
    fn field(&mut self, key: &str, value: &str) {
        let separator = if self.text.len() > self.start { ";" } else { "" };
        let bytes = self.text.len() - self.start + separator.len() + key.len() + value.len();
        if bytes <= MAX_VALUE_BYTES {
            self.text.push_str(separator);
            self.text.push_str(key);
            self.text.push_str(value);
        }
    }

    /// Ends the value, which must not end in a blank, and removes an empty member.
    fn end(self, before: usize) {
        let bytes =
            self.text.as_bytes().iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
        self.text.truncate(if bytes > self.start { bytes } else { before });
    }
}

#[cfg(test)]
mod tests {
    use Probability::{Decided, None, Received};

    use super::*;

    fn written(received: &str, probability: Probability) -> String {
        let mut text = ValueText::from("dd=s:1");
        write(&mut text, 0, received, probability);
        text.text("dd=s:1".len(), text.len()).to_owned()
    }

    #[test]
    fn received_fields_are_passed_on_and_malformed_ones_removed() {
        #[rustfmt::skip]
        let table = [
            // received                          written
            ("rv:0123456789abcd;th:c",           ",ot=rv:0123456789abcd;th:c"),
            ("th:c;rv:0123456789abcd",           ",ot=rv:0123456789abcd;th:c"),
            ("th:0",                             ",ot=th:0"),
            ("th:c00",                           ",ot=th:c00"),
            ("th:0123456789abcd",                ",ot=th:0123456789abcd"),
            ("x:1;th:c;y;;z:a:b",                ",ot=th:c;x:1;y;z:a:b"),
            ("x:1 ;th:c",                        ",ot=th:c;x:1"),
            ("rvx:1;th",                         ",ot=rvx:1"),
            ("th:1;th:2",                        ",ot=th:2"),
            ("th:1;th:C",                        ""),
            ("th:1;th",                          ""),
            ("th:",                              ""),
            ("th:0123456789abcde",               ""),
            ("th:+1",                            ""),
            ("th:c ",                            ""),
            ("rv:0123456789abc",                 ""),
            ("rv:0123456789abcde",               ""),
            ("rv:0123456789abcD",                ""),
            ("rv:0123456789ab\u{e9}",            ""),
            ("",                                 ""),
            (";;",                               ""),
        ];
        for (received, member) in table {
            assert_eq!(written(received, Received), member, "{received:?}");
        }
    }

    #[test]
    fn a_decision_by_a_rate_is_written_unless_a_number_was_received() {
        let half = Decided { randomness: 0xab, threshold: 1 << 55 };
        let all = Decided { randomness: 0, threshold: 0 };
        #[rustfmt::skip]
        let table = [
            // received                probability   written
            ("",                       half,         ",ot=rv:000000000000ab;th:8"),
            ("",                       all,          ",ot=rv:00000000000000;th:0"),
            ("x:1",                    half,         ",ot=rv:000000000000ab;th:8;x:1"),
            ("th:C;rv:1",              half,         ",ot=rv:000000000000ab;th:8"),
            ("th:c",                   half,         ",ot=th:c"),
            ("rv:0123456789abcd",      half,         ",ot=rv:0123456789abcd"),
        ];
        for (received, probability, member) in table {
            assert_eq!(written(received, probability), member, "{received:?} {probability:?}");
        }
    }

    #[test]
    fn a_decision_without_a_rate_removes_the_threshold_alone() {
        let (own, nothing) = (None { randomness: Some(0xab) }, None { randomness: Option::None });
        #[rustfmt::skip]
        let table = [
            // received                        probability   written
            ("x:1;th:c;rv:0123456789abcd",     nothing,      ",ot=rv:0123456789abcd;x:1"),
            ("th:c",                           nothing,      ""),
            ("",                               nothing,      ""),
            ("",                               own,          ",ot=rv:000000000000ab"),
            ("x:1;rv:0123456789abcd",          own,          ",ot=rv:0123456789abcd;x:1"),
        ];
        for (received, probability, member) in table {
            assert_eq!(written(received, probability), member, "{received:?} {probability:?}");
        }
    }

    #[test]
    fn a_field_that_does_not_fit_into_256_bytes_is_left_out_whole() {
        let all = Decided { randomness: 0, threshold: 0 };
        // "rv:00000000000000;th:0;" are 23 bytes.
        for (bytes, length) in [(233, 256), (234, 26)] {
            let received = format!("{};y:1", "x".repeat(bytes));
            let member = written(&received, all);
            assert_eq!(member.len() - ",ot=".len(), length, "{member:?}");
            assert_eq!(member.ends_with(";y:1"), length < 256);
        }
    }
}
