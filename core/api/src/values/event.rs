//! Events: named moments within a span.

use std::{borrow::Cow, time::SystemTime};

use smol_str::SmolStr;

use super::{Attribute, MAX_ATTRIBUTES, MAX_TAG_KEY_BYTES};
use crate::{
    awake::is_dormant,
    text::{cut, text},
    unix_time::unix_nanos,
};

/// A named moment within a span, with attributes; added by
/// [`Span::add_event`](crate::Span::add_event).
///
/// ```
/// # mod packdog { pub use packdog_api::*; pub mod span { pub use packdog_api::*; } }
/// use packdog::{current_span, span::SpanEvent};
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

impl SpanEvent {
    /// Returns an event of this name, whose time is the moment at which it is added to a span. To
    /// read or set the time before, use [`with_time`](Self::with_time).
    ///
    /// While no tracer exists in this process, an event stores neither its name nor attributes.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        let name = if is_dormant() { SmolStr::default() } else { text(name, MAX_EVENT_NAME_BYTES) };
        Self { name, unix_nanos: None, attributes: Vec::new() }
    }

    /// Sets the time of the event.
    pub fn with_time(mut self, time: SystemTime) -> Self {
        self.unix_nanos = Some(unix_nanos(time));
        self
    }

    /// Adds an attribute; a value that cannot be converted is left out.
    ///
    /// At most [`MAX_ATTRIBUTES`](crate::MAX_ATTRIBUTES) are kept; keys and texts are cut like
    /// those of tags.
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

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the time of the event in nanoseconds of Unix time; zero until it is set by
    /// [`with_time`](Self::with_time) or the event is added to a span.
    pub fn unix_nanos(&self) -> i64 {
        self.unix_nanos.unwrap_or(0)
    }

    /// Returns the attributes in order.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (&str, &Attribute)> {
        self.attributes.iter().map(|(key, value)| (key.as_str(), value))
    }

    pub(crate) fn or_at(mut self, now: i64) -> Self {
        self.unix_nanos.get_or_insert(now);
        self
    }

    /// About how much memory it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let list = self.attributes.capacity() * size_of::<(SmolStr, Attribute)>();
        let owned = self.attributes.iter().map(|(key, value)| key.len() + value.owned_bytes());
        size_of::<Self>() + self.name.len() + list + owned.sum::<usize>()
    }
}

/// As long as a resource may be.
const MAX_EVENT_NAME_BYTES: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{recorder::tracer, values::MAX_TAG_VALUE_BYTES};

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
    fn only_a_value_that_cannot_be_an_attribute_is_left_out() {
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
