//! The ids of spans in requests: the id that a reply gave, in any of three forms.
//!
//! ```text
//! 1311768467463790320   "1311768467463790320"   "0x123456789abcdef0"
//! ```

use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// The id of a span or of an extracted context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Id(pub(crate) u64);

impl Id {
    /// Whether it names something: zero is no id.
    pub(crate) fn is_some(&self) -> bool {
        self.0 != 0
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Number(u64),
    Text(String),
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Form::deserialize(deserializer)? {
            Form::Number(id) => return Ok(Self(id)),
            Form::Text(text) => text,
        };
        let id = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => text.parse(),
        };
        id.map(Self).map_err(|error| D::Error::custom(format!("{text:?} is not an id: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_all_three_forms_and_nothing_else() {
        #[rustfmt::skip]
        let table = [
            // request                   id
            ("18446744073709551615",     Some(u64::MAX)),
            (r#""18446744073709551615""#, Some(u64::MAX)),
            (r#""0xffffffffffffffff""#,  Some(u64::MAX)),
            (r#""0x1F""#,                Some(31)),
            ("0",                        Some(0)),
            ("18446744073709551616",     None),
            (r#""0x""#,                  None),
            (r#""ff""#,                  None),
            ("-1",                       None),
            ("null",                     None),
        ];
        for (request, id) in table {
            let read = serde_json::from_str::<Id>(request).ok().map(|Id(id)| id);
            assert_eq!(read, id, "{request}");
        }
    }
}
