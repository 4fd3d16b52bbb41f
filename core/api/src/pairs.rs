//! Ordered pairs of texts with copy-on-write, the storage of baggage and trace tags.
//!
//! There are usually only a handful of pairs, so a scan beats a hash map. The received order is
//! kept, because peers compare what we forward with what they sent.

use std::{fmt, sync::Arc};

use smallvec::SmallVec;
use smol_str::SmolStr;

/// `None` is the empty list, so that it costs nothing to make, clone and drop.
#[derive(Clone, Default)]
pub(crate) struct Pairs(Option<Arc<List>>);

/// Two pairs, the number of tags of most traces, need no allocation besides the shared one.
type List = SmallVec<[(SmolStr, SmolStr); 2]>;

impl Pairs {
    fn as_slice(&self) -> &[(SmolStr, SmolStr)] {
        self.0.as_deref().map_or(&[], SmallVec::as_slice)
    }

    pub(crate) fn len(&self) -> usize {
        self.as_slice().len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&SmolStr> {
        self.as_slice().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// A known key keeps its place; a new one is added at the end.
    pub(crate) fn set(&mut self, key: SmolStr, value: SmolStr) {
        let pairs = Arc::make_mut(self.0.get_or_insert_default());
        match pairs.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => pairs.push((key, value)),
        }
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if self.get(key).is_none() {
            return; // A shared list is not copied for nothing.
        }
        if let Some(pairs) = &mut self.0 {
            Arc::make_mut(pairs).retain(|(name, _)| name != key);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }

    /// About how much memory the pairs take.
    pub(crate) fn memory_bytes(&self) -> usize {
        let pair = size_of::<(SmolStr, SmolStr)>();
        self.iter().map(|(key, value)| pair + key.len() + value.len()).sum()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + ExactSizeIterator {
        self.as_slice().iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// An emptied list equals one that was never written.
impl PartialEq for Pairs {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Pairs {}

impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_to_a_clone_leaves_the_original_alone() {
        let mut original = Pairs::default();
        original.set("a".into(), "1".into());
        let mut copy = original.clone();
        copy.set("b".into(), "2".into());
        copy.remove("a");
        assert_eq!(original.iter().collect::<Vec<_>>(), [("a", "1")]);
        assert_eq!(copy.iter().collect::<Vec<_>>(), [("b", "2")]);
    }

    #[test]
    fn an_emptied_list_equals_a_new_one() {
        let mut pairs = Pairs::default();
        pairs.set("a".into(), "1".into());
        pairs.remove("a");
        assert_eq!(pairs, Pairs::default());
    }

    #[test]
    fn a_repeated_key_keeps_its_place_and_takes_the_last_value() {
        let mut pairs = Pairs::default();
        for (key, value) in [("a", "1"), ("b", "2"), ("a", "3")] {
            pairs.set(key.into(), value.into());
        }
        assert_eq!(pairs.iter().collect::<Vec<_>>(), [("a", "3"), ("b", "2")]);
    }
}
