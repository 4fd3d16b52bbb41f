//! The values of attributes of events and links.

use std::mem::discriminant;

use crate::text::{MAX_TAG_VALUE_BYTES, cut};

/// 128: the most attributes of one event or one link, and the most items of a list among them; more
/// are dropped.
pub const MAX_ATTRIBUTES: usize = 128;

/// The value of an attribute of a [`SpanEvent`](crate::SpanEvent) or a [`SpanLink`](crate::SpanLink).
///
/// Made from texts, booleans, integers and finite floats, and from lists of one of these.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Attribute {
    /// A text.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A finite float.
    Float(f64),
    /// A list of texts, booleans, integers or floats; all of the same kind.
    List(Vec<Attribute>),
}

/// The value cannot be an attribute: a number out of range, a list of different kinds, or a list
/// in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAnAttribute;

impl Attribute {
    /// Checks a value that was built by hand as the conversions do.
    pub(super) fn is_valid(&self) -> bool {
        match self {
            Self::Text(_) | Self::Bool(_) | Self::Int(_) => true,
            Self::Float(number) => number.is_finite(),
            Self::List(values) => {
                let kind = values.first().map(discriminant);
                let is_fine = |value: &Self| !matches!(value, Self::List(_)) && value.is_valid();
                values.iter().all(|value| is_fine(value) && Some(discriminant(value)) == kind)
            }
        }
    }

    /// Drops the part beyond the limits, and frees its memory.
    pub(super) fn bounded(self) -> Self {
        match self {
            Self::Text(text) if text.capacity() > MAX_TAG_VALUE_BYTES => {
                Self::from(cut(&text, MAX_TAG_VALUE_BYTES))
            }
            Self::List(values) => {
                let bounded = values.into_iter().take(MAX_ATTRIBUTES).map(Self::bounded);
                let mut kept = Vec::with_capacity(bounded.len()); // Not in the memory of the list.
                kept.extend(bounded);
                Self::List(kept)
            }
            other => other,
        }
    }

    pub(super) fn owned_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.capacity(),
            Self::List(values) => {
                let owned = values.iter().map(Self::owned_bytes).sum::<usize>();
                values.capacity() * size_of::<Self>() + owned
            }
            Self::Bool(_) | Self::Int(_) | Self::Float(_) => 0,
        }
    }
}

impl From<&str> for Attribute {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<bool> for Attribute {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Attribute {
            fn from(value: $integer) -> Self {
                Self::Int(value.into())
            }
        }
    )*};
}
from_integers!(i8, i16, i32, i64, u8, u16, u32);

macro_rules! try_from_integers {
    ($($integer:ty),*) => {$(
        impl TryFrom<$integer> for Attribute {
            type Error = NotAnAttribute;

            fn try_from(value: $integer) -> Result<Self, NotAnAttribute> {
                i64::try_from(value).map(Self::Int).map_err(|_| NotAnAttribute)
            }
        }
    )*};
}
try_from_integers!(u64, usize, isize, i128, u128);

impl TryFrom<f64> for Attribute {
    type Error = NotAnAttribute;

    fn try_from(value: f64) -> Result<Self, NotAnAttribute> {
        value.is_finite().then_some(Self::Float(value)).ok_or(NotAnAttribute)
    }
}

impl<T: TryInto<Attribute>> TryFrom<Vec<T>> for Attribute {
    type Error = NotAnAttribute;

    fn try_from(values: Vec<T>) -> Result<Self, NotAnAttribute> {
        let values = values
            .into_iter()
            .map(|value| value.try_into().map_err(|_| NotAnAttribute))
            .collect::<Result<Vec<Self>, _>>()?;
        Some(Self::List(values)).filter(Self::is_valid).ok_or(NotAnAttribute)
    }
}

impl std::fmt::Display for NotAnAttribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("neither a text, a boolean, a number in range nor a list of one of these")
    }
}

impl std::error::Error for NotAnAttribute {}
