//! Baggage as an ordered list of keys and values with copy-on-write.

use smol_str::SmolStr;

use crate::{pairs::Pairs, shared_text::SharedText};

/// 1024: the most items of a [`Baggage`]. Further items are dropped, and counted if they were set
/// on a span.
pub const MAX_BAGGAGE_ITEMS: usize = 1024;
/// 64 KiB: the most bytes of an item's key and value together; a longer item is dropped. Headers
/// have much narrower limits.
pub const MAX_BAGGAGE_ITEM_BYTES: usize = 65_536;

/// An ordered list of keys with values: any Unicode text, each key once, keys case-sensitive.
///
/// Clones share their items until one of them is written. The numbers of items and bytes that
/// travel are limited when headers are written and read.
///
/// ```
/// # use packdog_api as packdog;
/// let mut baggage = packdog::Baggage::new();
/// baggage.set("user.id", "42");
/// baggage.set("plan", "pro");
/// assert_eq!(baggage.iter().collect::<Vec<_>>(), [("user.id", "42"), ("plan", "pro")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baggage(Pairs);

impl Baggage {
    /// Returns an empty baggage.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)
    }

    /// Sets an item; a known key keeps its place. Items beyond [`MAX_BAGGAGE_ITEMS`] or
    /// [`MAX_BAGGAGE_ITEM_BYTES`] are dropped.
    pub fn set(&mut self, key: impl AsRef<str>, value: impl AsRef<str>) {
        self.try_set(key.as_ref(), value.as_ref());
    }

    /// Sets an item; returns `false` if it was dropped because it exceeds a limit.
    pub(crate) fn try_set(&mut self, key: &str, value: &str) -> bool {
        let has_room = self.len() < MAX_BAGGAGE_ITEMS || self.get(key).is_some();
        let fits = has_room && key.len() + value.len() <= MAX_BAGGAGE_ITEM_BYTES;
        if fits {
            self.0.set(SmolStr::new(key), SmolStr::new(value));
        }
        fits
    }

    /// Removes an item, if it is there.
    pub fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// Removes all items.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.0.memory_bytes()
    }

    /// Returns the number of items.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the items in the order in which their keys were first set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter()
    }
}

impl Baggage {
    pub(crate) fn received(text: Option<SharedText>, count: usize) -> Self {
        Self(Pairs::of_text(text, count))
    }

    /// The items as the header `baggage` brought them, if they have not changed since.
    #[doc(hidden)]
    pub fn as_received(&self) -> Option<&str> {
        self.0.as_text()
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Baggage {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let mut baggage = Self::new();
        baggage.extend(items);
        baggage
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Extend<(K, V)> for Baggage {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, items: I) {
        for (key, value) in items {
            self.set(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{misuse::Misuse, recorder::tracer};

    #[test]
    fn items_beyond_the_limit_are_dropped_and_counted_where_a_span_is_written() {
        let (tracer, recorder) = tracer();
        let span = tracer.span("root").start();
        for number in 0..=MAX_BAGGAGE_ITEMS {
            span.baggage().set(format!("key{number}"), "old");
        }
        span.baggage().set("key0", "new");
        span.baggage().set("key1", "x".repeat(MAX_BAGGAGE_ITEM_BYTES));
        let items = span.baggage().items();
        assert_eq!(items.len(), MAX_BAGGAGE_ITEMS);
        assert_eq!([items.get("key0"), items.get("key1")], [Some("new"), Some("old")]);
        assert_eq!(recorder.misuses(), [Misuse::TooMuchBaggage; 2]);
    }
}
