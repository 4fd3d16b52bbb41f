//! The tags of a whole trace, which travel with it: `_dd.p.*`, in the received order.

use smol_str::SmolStr;

use crate::{pairs::Pairs, shared_text::SharedText};

/// Tags that belong to a whole trace and travel with it; their names start with `_dd.p.`.
///
/// They keep the order in which they were received, because peers compare them with those that they
/// sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceTags(Pairs);

impl TraceTags {
    /// The mechanism of the sampling decision: `-` and its number.
    pub const DECISION_MAKER: &'static str = "_dd.p.dm";
    /// The high 64 bits of the trace id: 16 lowercase hex digits.
    pub const HIGH_TRACE_ID: &'static str = "_dd.p.tid";

    /// Returns an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value of a tag by its whole name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// Sets a tag; a known one keeps its place, a new one is added at the end.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.set(SmolStr::new(name), SmolStr::new(value));
    }

    /// Removes a tag, if it is there.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether there are no tags.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are one list in memory, as the tags of a decision are: then they are equal.
    #[doc(hidden)]
    pub fn is_shared_with(&self, other: &Self) -> bool {
        self.0.is_shared_with(&other.0)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.0.memory_bytes()
    }

    /// Returns the tags in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter()
    }
}

impl TraceTags {
    pub(super) fn received(text: Option<SharedText>, count: usize) -> Self {
        Self(Pairs::of_text(text, count))
    }

    /// The tags as the header `x-datadog-tags` brought them, if they have not changed since.
    #[doc(hidden)]
    pub fn as_received(&self) -> Option<&str> {
        self.0.as_text()
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for TraceTags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(tags: I) -> Self {
        let mut all = Self::new();
        for (name, value) in tags {
            all.set(name.as_ref(), value.as_ref());
        }
        all
    }
}
