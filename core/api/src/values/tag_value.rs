//! The value of a tag: a text or a number.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::text::{cut, text};

/// The most bytes of a tag's key, as the Datadog Agent cuts it.
pub const MAX_TAG_KEY_BYTES: usize = 200;
/// The most bytes of a tag's text, as the Datadog Agent cuts it.
pub const MAX_TAG_VALUE_BYTES: usize = 25_000;

/// The value of a tag: a text or a finite number.
///
/// Made from strings, booleans (`true` and `false` as texts), integers and floats.
/// NaN and infinities are no values: a tag set to one is left out.
///
/// ```
/// let value = packdog_api::TagValue::from(3);
/// assert_eq!(value.as_f64(), Some(3.0));
/// assert_eq!(packdog_api::TagValue::from("club").as_str(), Some("club"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TagValue(Value);

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Text(SmolStr),
    Number(f64),
}

impl TagValue {
    /// The text, unless the value is a number.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Value::Text(text) => Some(text),
            Value::Number(_) => None,
        }
    }

    /// The number, unless the value is a text.
    pub fn as_f64(&self) -> Option<f64> {
        match self.0 {
            Value::Number(number) => Some(number),
            Value::Text(_) => None,
        }
    }

    pub(crate) fn is_storable(&self) -> bool {
        self.as_f64().is_none_or(f64::is_finite)
    }

    /// The value as a text, as a field of the span wants it.
    pub(crate) fn into_text(self) -> SmolStr {
        match self.0 {
            Value::Text(text) => text,
            Value::Number(number) => smol_str::format_smolstr!("{number}"),
        }
    }
}

impl From<&str> for TagValue {
    fn from(value: &str) -> Self {
        Self(Value::Text(SmolStr::new(cut(value, MAX_TAG_VALUE_BYTES))))
    }
}

impl From<Cow<'static, str>> for TagValue {
    fn from(value: Cow<'static, str>) -> Self {
        Self(Value::Text(text(value, MAX_TAG_VALUE_BYTES)))
    }
}

impl From<String> for TagValue {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<&String> for TagValue {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<bool> for TagValue {
    fn from(value: bool) -> Self {
        Self(Value::Text(SmolStr::new_static(if value { "true" } else { "false" })))
    }
}

macro_rules! from_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for TagValue {
            fn from(value: $number) -> Self {
                Self(Value::Number(value as f64))
            }
        }
    )*};
}
from_numbers!(f32, f64, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);
