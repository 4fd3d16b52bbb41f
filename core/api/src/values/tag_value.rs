//! The value of a tag: a text or a number.

use std::{borrow::Cow, fmt::Display, sync::Arc};

use super::Stack;
use crate::{
    render::render,
    text::{MAX_TAG_VALUE_BYTES, cut},
};

/// 200: the most bytes of a tag's key, as the Datadog Agent cuts it.
pub const MAX_TAG_KEY_BYTES: usize = 200;

/// A value for a tag: a text or a finite number.
///
/// Made from strings, booleans (`true` and `false` as texts), integers and floats, from references
/// to them, and from an `Option` of one. Integers beyond 2^53 - 1 are stored as text, because a float
/// would round them. NaN, infinities and `None` are not values: setting a tag to one changes nothing.
/// [`TagValue::display`] converts anything that implements `Display`.
///
/// A text may be borrowed, because a span copies it; [`into_owned`](TagValue::into_owned) returns a
/// value that can be kept. A finished span shows its own as a [`TagRef`].
///
/// ```
/// # mod packdog { pub use packdog_api::*; pub mod span { pub use packdog_api::*; } }
/// let value = packdog::span::TagValue::from(3);
/// assert_eq!(value.as_f64(), Some(3.0));
/// assert_eq!(packdog::span::TagValue::from("club").as_str(), Some("club"));
/// ```
#[derive(Clone, Debug)]
pub struct TagValue<'a>(Value<'a>);

#[derive(Clone, Debug)]
enum Value<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    /// A backtrace, which becomes a text when it is read.
    Stack(Arc<Stack>),
    Nothing,
}

/// The value of a tag of a span, borrowed: a text or a finite number.
#[derive(Clone, Copy, Debug)]
pub struct TagRef<'a>(pub(crate) Stored<'a>);

/// A value as a span stores it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stored<'a> {
    Text(&'a str),
    Number(f64),
    Stack(&'a Arc<Stack>),
}

impl<'a> TagRef<'a> {
    /// Returns the text; `None` if the value is a number.
    #[inline]
    pub fn as_str(self) -> Option<&'a str> {
        match self.0 {
            Stored::Text(text) => Some(text),
            Stored::Number(_) => None,
            Stored::Stack(stack) => Some(stack.text()),
        }
    }

    /// Returns the number; `None` if the value is a text.
    #[inline]
    pub fn as_f64(self) -> Option<f64> {
        match self.0 {
            Stored::Number(number) => Some(number),
            Stored::Text(_) | Stored::Stack(_) => None,
        }
    }

    /// Returns a copy that can be kept.
    pub fn to_value(self) -> TagValue<'static> {
        TagValue(match self.0 {
            Stored::Text(text) => Value::Text(text.to_owned().into()),
            Stored::Number(number) => Value::Number(number),
            Stored::Stack(stack) => Value::Stack(Arc::clone(stack)),
        })
    }
}

impl PartialEq for TagRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.as_str(), self.as_f64()) == (other.as_str(), other.as_f64())
    }
}

impl TagValue<'_> {
    /// Returns the text that `value` displays, cut at [`MAX_TAG_VALUE_BYTES`].
    ///
    /// ```
    /// # mod packdog { pub use packdog_api::*; pub mod span { pub use packdog_api::*; } }
    /// use packdog::{current_span, span::TagValue};
    ///
    /// let address = std::net::Ipv4Addr::LOCALHOST;
    /// current_span().set_tag("peer.address", TagValue::display(&address));
    /// ```
    pub fn display(value: &(impl Display + ?Sized)) -> Self {
        Self::from(render(value, MAX_TAG_VALUE_BYTES))
    }

    pub(crate) fn stack(stack: Stack) -> Self {
        Self(Value::Stack(Arc::new(stack)))
    }

    /// Returns the value without a borrow, in no more memory than it needs.
    pub fn into_owned(self) -> TagValue<'static> {
        TagValue(match self.0 {
            Value::Text(text) => {
                let mut text = text.into_owned();
                text.shrink_to_fit();
                Value::Text(text.into())
            }
            Value::Number(number) => Value::Number(number),
            Value::Stack(stack) => Value::Stack(stack),
            Value::Nothing => Value::Nothing,
        })
    }

    /// The most bytes that the text has once it is written.
    pub(crate) fn max_len(&self) -> usize {
        match &self.0 {
            Value::Text(text) => text.len(),
            Value::Stack(_) => MAX_TAG_VALUE_BYTES,
            Value::Number(_) | Value::Nothing => 0,
        }
    }

    /// Returns the text; `None` if the value is a number.
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Value::Text(text) => Some(text),
            Value::Stack(stack) => Some(stack.text()),
            Value::Number(_) | Value::Nothing => None,
        }
    }

    /// Returns the text, unless it still has to be written.
    #[inline]
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Value::Text(text) => Some(text),
            Value::Stack(_) | Value::Number(_) | Value::Nothing => None,
        }
    }

    /// Returns the number; `None` if the value is a text.
    #[inline]
    pub fn as_f64(&self) -> Option<f64> {
        match self.0 {
            Value::Number(number) => Some(number),
            Value::Text(_) | Value::Stack(_) | Value::Nothing => None,
        }
    }

    /// Returns the value, borrowed; `None` if it is not a value.
    #[inline]
    pub(crate) fn stored(&self) -> Option<TagRef<'_>> {
        match &self.0 {
            Value::Text(text) => Some(TagRef(Stored::Text(text))),
            Value::Number(number) => number.is_finite().then_some(TagRef(Stored::Number(*number))),
            Value::Stack(stack) => Some(TagRef(Stored::Stack(stack))),
            Value::Nothing => None,
        }
    }
}

impl PartialEq<TagValue<'_>> for TagValue<'_> {
    fn eq(&self, other: &TagValue<'_>) -> bool {
        (self.as_str(), self.as_f64()) == (other.as_str(), other.as_f64())
    }
}

impl PartialEq<TagValue<'_>> for TagRef<'_> {
    fn eq(&self, other: &TagValue<'_>) -> bool {
        (self.as_str(), self.as_f64()) == (other.as_str(), other.as_f64())
    }
}

impl<'a> From<TagRef<'a>> for TagValue<'a> {
    fn from(value: TagRef<'a>) -> Self {
        match value.0 {
            Stored::Text(text) => Self::from(text),
            Stored::Number(_) | Stored::Stack(_) => value.to_value(),
        }
    }
}

impl<'a> From<&'a str> for TagRef<'a> {
    fn from(text: &'a str) -> Self {
        Self(Stored::Text(text))
    }
}

impl From<f64> for TagRef<'_> {
    fn from(number: f64) -> Self {
        Self(Stored::Number(number))
    }
}

impl<'a> From<&'a str> for TagValue<'a> {
    #[inline]
    fn from(value: &'a str) -> Self {
        Self(Value::Text(Cow::Borrowed(cut(value, MAX_TAG_VALUE_BYTES))))
    }
}

impl<'a> From<Cow<'a, str>> for TagValue<'a> {
    #[inline]
    fn from(value: Cow<'a, str>) -> Self {
        match value {
            Cow::Borrowed(text) => Self::from(text),
            Cow::Owned(text) => Self::from(text),
        }
    }
}

impl From<String> for TagValue<'_> {
    #[inline]
    fn from(mut value: String) -> Self {
        value.truncate(cut(&value, MAX_TAG_VALUE_BYTES).len());
        Self(Value::Text(Cow::Owned(value)))
    }
}

impl<'a> From<&'a String> for TagValue<'a> {
    #[inline]
    fn from(value: &'a String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<bool> for TagValue<'_> {
    #[inline]
    fn from(value: bool) -> Self {
        Self::from(if value { "true" } else { "false" })
    }
}

impl From<f64> for TagValue<'_> {
    #[inline]
    fn from(value: f64) -> Self {
        Self(Value::Number(value))
    }
}

impl From<f32> for TagValue<'_> {
    #[inline]
    fn from(value: f32) -> Self {
        Self::from(f64::from(value))
    }
}

/// The largest integer up to which all integers are exact as numbers: 2^53 - 1.
const MAX_EXACT: u128 = (1 << 53) - 1;

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for TagValue<'_> {
            #[inline]
            fn from(value: $integer) -> Self {
                #[allow(unused_comparisons, reason = "some of these have no sign")]
                let magnitude = if value < 0 { (value as i128).unsigned_abs() } else { value as u128 };
                if magnitude <= MAX_EXACT {
                    Self(Value::Number(value as f64))
                } else {
                    Self::from(value.to_string())
                }
            }
        }
    )*};
}
from_integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

/// References to numbers and booleans, as iterators and pattern matches yield them.
macro_rules! from_references {
    ($($value:ty),*) => {$(
        impl From<&$value> for TagValue<'_> {
            #[inline]
            fn from(value: &$value) -> Self {
                Self::from(*value)
            }
        }
    )*};
}
from_references!(bool, f32, f64, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl<'a> From<&&'a str> for TagValue<'a> {
    #[inline]
    fn from(value: &&'a str) -> Self {
        Self::from(*value)
    }
}

/// References to an `Option`, as the shorthand of the attribute passes them. One implementation for
/// all types would make trait resolution recurse without end.
macro_rules! from_options {
    ($($value:ty),*) => {$(
        impl<'a> From<&'a Option<$value>> for TagValue<'a> {
            fn from(value: &'a Option<$value>) -> Self {
                Self::from(value.as_ref())
            }
        }
    )*};
}
from_options!(
    &'a str,
    String,
    bool,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize
);

/// `None` is not a value: setting a tag to it changes nothing.
impl<T: Into<Self>> From<Option<T>> for TagValue<'_> {
    #[inline]
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Value::Nothing), Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_that_a_number_would_round_are_texts() {
        #[rustfmt::skip]
        let table = [
            // value                                       number            text
            (TagValue::from((1_u64 << 53) - 1),            Some(9_007_199_254_740_991.0), None),
            (TagValue::from(1_u64 << 53),                  None, Some("9007199254740992")),
            (TagValue::from(9_007_199_254_740_993_u64),    None, Some("9007199254740993")),
            (TagValue::from(-(1_i64 << 53) + 1),           Some(-9_007_199_254_740_991.0), None),
            (TagValue::from(-(1_i64 << 53)),               None, Some("-9007199254740992")),
            (TagValue::from(i64::MIN),                     None, Some("-9223372036854775808")),
            (TagValue::from(u64::MAX),                     None, Some("18446744073709551615")),
            (TagValue::from(i128::MIN), None, Some("-170141183460469231731687303715884105728")),
            (TagValue::from(u128::MAX), None, Some("340282366920938463463374607431768211455")),
            (TagValue::from(-1_i128),                      Some(-1.0),       None),
            (TagValue::from(&7_u8),                        Some(7.0),        None),
            (TagValue::from(Some(7_u8)),                   Some(7.0),        None),
            (TagValue::from(None::<u8>),                   None,             None),
        ];
        for (value, number, text) in table {
            assert_eq!((value.as_f64(), value.as_str()), (number, text));
        }
    }
}
