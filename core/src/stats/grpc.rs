//! The status of a gRPC call as a number, from any of its tags in any form.

/// The tags in which integrations write it; the first one that a span has counts.
pub(super) const STATUS_TAGS: [&str; 4] =
    ["rpc.grpc.status_code", "grpc.code", "rpc.grpc.status.code", "grpc.status.code"];

/// The names of the codes, each at the place of its number, and the digits of that number.
const CODES: [(&str, &str); 17] = [
    ("OK", "0"),
    ("CANCELLED", "1"),
    ("UNKNOWN", "2"),
    ("INVALID_ARGUMENT", "3"),
    ("DEADLINE_EXCEEDED", "4"),
    ("NOT_FOUND", "5"),
    ("ALREADY_EXISTS", "6"),
    ("PERMISSION_DENIED", "7"),
    ("RESOURCE_EXHAUSTED", "8"),
    ("FAILED_PRECONDITION", "9"),
    ("ABORTED", "10"),
    ("OUT_OF_RANGE", "11"),
    ("UNIMPLEMENTED", "12"),
    ("INTERNAL", "13"),
    ("UNAVAILABLE", "14"),
    ("DATA_LOSS", "15"),
    ("UNAUTHENTICATED", "16"),
];

/// The digits of a code that is written as a name or as digits; empty if it is neither.
pub(super) fn status_of_text(text: &str) -> &str {
    if text.parse::<u8>().is_ok() {
        return text;
    }
    let name = text.strip_prefix("StatusCode.").unwrap_or(text);
    if name.eq_ignore_ascii_case("CANCELED") {
        return "1"; // Go spells it like this.
    }
    let is_named = |(known, _): &&(&str, &str)| letters(known).eq(letters(name));
    CODES.iter().find(is_named).map_or("", |(_, digits)| digits)
}

/// The digits of a code that is a number; empty if there is no such code.
pub(super) fn status_of_number(number: f64) -> &'static str {
    let has_digits = |(_, digits): &&(&str, &str)| digits.parse() == Ok(number);
    CODES.iter().find(has_digits).map_or("", |(_, digits)| digits)
}

/// Go writes `NotFound`, others `NOT_FOUND`.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_by_their_names_and_by_their_numbers() {
        #[rustfmt::skip]
        let table = [
            // text                     digits
            ("0",                       "0"),
            ("16",                      "16"),
            ("200",                     "200"),
            ("OK",                      "0"),
            ("StatusCode.NOT_FOUND",    "5"),
            ("NotFound",                "5"),
            ("Canceled",                "1"),
            ("CANCELLED",               "1"),
            ("resourceexhausted",       "8"),
            ("256",                     ""),
            ("-1",                      ""),
            ("FINE",                    ""),
            ("",                        ""),
        ];
        for (text, expected) in table {
            assert_eq!(status_of_text(text), expected, "{text}");
        }
        for (number, expected) in [(0.0, "0"), (16.0, "16"), (17.0, ""), (0.5, ""), (-1.0, "")] {
            assert_eq!(status_of_number(number), expected, "{number}");
        }
    }

    #[test]
    fn every_code_has_its_number_as_its_index() {
        for (number, (_, digits)) in CODES.iter().enumerate() {
            assert_eq!(*digits, number.to_string());
        }
    }
}
