//! Something that happened at one moment within a span.

use std::{borrow::Cow, mem::discriminant, time::SystemTime};

use smol_str::SmolStr;

use super::tags::{MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES};
use crate::{
    text::{cut, text},
    trace::unix_nanos,
    tracer::is_dormant,
};

/// The most attributes of one event or one link, and the most items of a list among them; more
/// are dropped.
pub const MAX_ATTRIBUTES: usize = 128;

/// A named moment within a span, with attributes; added by
/// [`Span::add_event`](crate::Span::add_event).
///
/// ```
/// use packdog_api::{SpanEvent, current_span};
///
/// let event = SpanEvent::new("cache.miss").with_attribute("key", "user:7").with_attribute("tries", 2);
/// current_span().add_event(event);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SpanEvent {
    name: SmolStr,
    unix_nanos: Option<i64>,
    attributes: Vec<(SmolStr, Attribute)>,
}

/// The value of an attribute of a [`SpanEvent`] or a [`SpanLink`](crate::SpanLink).
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

impl SpanEvent {
    /// An event of this name, at the moment when it is added to a span.
    ///
    /// While no tracer exists in this process, an event keeps neither name nor attributes.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        let name = if is_dormant() { SmolStr::default() } else { text(name, MAX_EVENT_NAME_BYTES) };
        Self { name, unix_nanos: None, attributes: Vec::new() }
    }

    /// Sets when it happened.
    pub fn at(mut self, time: SystemTime) -> Self {
        self.unix_nanos = Some(unix_nanos(time));
        self
    }

    /// Adds an attribute; a value that cannot be one is left out.
    ///
    /// At most [`MAX_ATTRIBUTES`](crate::MAX_ATTRIBUTES); keys and texts are cut as those of
    /// tags are.
    pub fn with_attribute(mut self, key: impl AsRef<str>, value: impl TryInto<Attribute>) -> Self {
        if !is_dormant()
            && let Ok(value) = value.try_into()
            && value.is_valid()
            && self.attributes.len() < MAX_ATTRIBUTES
        {
            let key = SmolStr::new(cut(key.as_ref(), MAX_TAG_KEY_BYTES));
            self.attributes.push((key, value.bounded()));
        }
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it happened, in nanoseconds of Unix time; zero before it was added to a span.
    pub fn unix_nanos(&self) -> i64 {
        self.unix_nanos.unwrap_or(0)
    }

    /// The attributes in order.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (&str, &Attribute)> {
        self.attributes.iter().map(|(key, value)| (key.as_str(), value))
    }

    pub(crate) fn or_at(mut self, now: i64) -> Self {
        self.unix_nanos.get_or_insert(now);
        self
    }

    /// About how much memory it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let attributes =
            self.attributes.iter().map(|(key, value)| key.len() + value.memory_bytes());
        size_of::<Self>() + self.name.len() + attributes.sum::<usize>()
    }
}

impl Attribute {
    /// What a conversion checks, for values that were put together by hand.
    fn is_valid(&self) -> bool {
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

    /// Without what is beyond the limits, and without the memory of it.
    fn bounded(self) -> Self {
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

    fn memory_bytes(&self) -> usize {
        let owned = match self {
            Self::Text(text) => text.capacity(),
            Self::List(values) => values.iter().map(Self::memory_bytes).sum(),
            Self::Bool(_) | Self::Int(_) | Self::Float(_) => 0,
        };
        size_of::<Self>() + owned
    }
}

/// As long as a resource may be.
const MAX_EVENT_NAME_BYTES: usize = 5_000;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::tracer;

    #[test]
    fn attributes_are_bounded_in_number_and_in_length() {
        let _awake = tracer();
        let long = || "x".repeat(1 << 20);
        let list = Attribute::List(vec![Attribute::Text(long()); MAX_ATTRIBUTES + 1]);
        let event = SpanEvent::new("event").with_attribute("list", list);
        let Some((_, Attribute::List(items))) = event.attributes().next() else {
            panic!("{event:?}")
        };
        assert_eq!(items.len(), MAX_ATTRIBUTES);
        assert!(items.iter().all(
            |item| matches!(item, Attribute::Text(text) if text.capacity() <= MAX_TAG_VALUE_BYTES)
        ));
        let event = (0..=MAX_ATTRIBUTES)
            .fold(SpanEvent::new("event"), |event, _| event.with_attribute(long(), long()));
        assert_eq!(event.attributes().len(), MAX_ATTRIBUTES);
        assert!(event.memory_bytes() <= MAX_ATTRIBUTES * (MAX_TAG_VALUE_BYTES + 1_000));
    }

    #[test]
    fn what_cannot_be_an_attribute_is_left_out_alone() {
        let _awake = tracer();
        let event = SpanEvent::new("event")
            .with_attribute("text", "a")
            .with_attribute("too large", u64::MAX)
            .with_attribute("not finite", f64::NAN)
            .with_attribute("mixed", vec![Attribute::Int(1), Attribute::Bool(true)])
            .with_attribute("nested", vec![vec![1]])
            .with_attribute("made by hand", Attribute::Float(f64::INFINITY))
            .with_attribute("nested by hand", Attribute::List(vec![Attribute::List(vec![])]))
            .with_attribute("list", vec![1, 2])
            .with_attribute("empty list", Attribute::List(vec![]))
            .with_attribute("whole float", 2.0);
        let kept = event.attributes().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(kept, ["text", "list", "empty list", "whole float"]);
        assert_eq!(event.attributes().last().unwrap().1, &Attribute::Float(2.0));
    }
}
