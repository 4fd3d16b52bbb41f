//! The value: an ordered list of keys and values, shared until somebody writes.

use smol_str::SmolStr;

use crate::pairs::Pairs;

/// An ordered list of keys with values: any Unicode text, each key once, keys case-sensitive.
///
/// Clones share their items until one of them is written. How many items and bytes travel is
/// limited where headers are written and read.
///
/// ```
/// let mut baggage = packdog_api::Baggage::new();
/// baggage.set("user.id", "42");
/// baggage.set("plan", "pro");
/// assert_eq!(baggage.iter().collect::<Vec<_>>(), [("user.id", "42"), ("plan", "pro")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baggage(Pairs);

impl Baggage {
    /// No items.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(SmolStr::as_str)
    }

    /// Sets an item; a known key keeps its place.
    pub fn set(&mut self, key: impl AsRef<str>, value: impl AsRef<str>) {
        self.0.set(SmolStr::new(key), SmolStr::new(value));
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

    /// The number of items.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The items in the order in which their keys were first set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter()
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
