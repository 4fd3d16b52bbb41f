//! Ordered pairs of texts with copy-on-write, the storage of baggage and trace tags.
//!
//! There are usually only a handful of pairs, so a scan beats a hash map. The received order is
//! kept, because peers compare the forwarded value with the one that they sent.

use std::{fmt, slice, sync::Arc};

use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::{shared_text::SharedText, text::find_byte};

#[derive(Clone, Default)]
pub(crate) struct Pairs(Repr);

#[derive(Clone, Default)]
enum Repr {
    /// The empty list, which costs nothing to make, clone and drop.
    #[default]
    Empty,
    /// A fast path for pairs that are passed on as received in a header: `key=value` pairs joined
    /// by `,`, each key once. Copying them one by one took a fifth of an extraction.
    Text(SharedText, usize),
    List(Arc<List>),
}

/// Two pairs, the number of tags of most traces, need no allocation besides the shared one.
type List = SmallVec<[(SmolStr, SmolStr); 2]>;

impl Pairs {
    /// Takes this many `key=value` pairs joined by `,`, in which each key occurs once.
    pub(crate) fn of_text(text: Option<SharedText>, count: usize) -> Self {
        Self(text.map_or(Repr::Empty, |text| Repr::Text(text, count)))
    }

    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            Repr::Empty => 0,
            Repr::Text(_, count) => *count,
            Repr::List(pairs) => pairs.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// A known key keeps its place; a new one is added at the end.
    pub(crate) fn set(&mut self, key: SmolStr, value: SmolStr) {
        self.edit(|pairs| match pairs.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => pairs.push((key, value)),
        });
    }

    pub(crate) fn remove(&mut self, key: &str) {
        // A shared list is not copied needlessly.
        if self.get(key).is_some() {
            self.edit(|pairs| pairs.retain(|(name, _)| *name != key));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0 = Repr::Empty;
    }

    fn edit(&mut self, edit: impl FnOnce(&mut List)) {
        let mut list = match std::mem::take(&mut self.0) {
            Repr::List(pairs) => pairs,
            received => {
                let owned = |(key, value): (&str, &str)| (key.into(), value.into());
                Arc::new(Self(received).iter().map(owned).collect())
            }
        };
        edit(Arc::make_mut(&mut list));
        self.0 = Repr::List(list);
    }

    /// Whether both are one list in memory.
    pub(crate) fn is_shared_with(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::List(own), Repr::List(other)) => Arc::ptr_eq(own, other),
            _ => false,
        }
    }

    /// About how much memory the pairs take.
    pub(crate) fn memory_bytes(&self) -> usize {
        let pair = size_of::<(SmolStr, SmolStr)>();
        match &self.0 {
            // Read on demand, perhaps as a list; counted for each span.
            Repr::Text(text, count) => pair * count + text.len(),
            _ => self.iter().map(|(key, value)| pair + key.len() + value.len()).sum(),
        }
    }

    /// Returns the text, if the pairs have not changed since they were received.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Repr::Text(text, _) => Some(text),
            Repr::Empty | Repr::List(_) => None,
        }
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        match &self.0 {
            Repr::Empty => Iter::List([].iter()),
            Repr::Text(text, count) => Iter::Text { rest: text, left: *count },
            Repr::List(pairs) => Iter::List(pairs.iter()),
        }
    }
}

/// Returns the pairs in order.
pub(crate) enum Iter<'a> {
    Text { rest: &'a str, left: usize },
    List(slice::Iter<'a, (SmolStr, SmolStr)>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Text { left: 0, .. } => None,
            Self::Text { rest, left } => {
                *left -= 1;
                // A key holds no separator, so that it is searched only once.
                let (key, behind) = split(rest, b'=');
                let (value, behind) = split(behind, b',');
                *rest = behind;
                Some((key, value))
            }
            Self::List(pairs) => pairs.next().map(|(key, value)| (key.as_str(), value.as_str())),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match self {
            Self::Text { left, .. } => *left,
            Self::List(pairs) => pairs.len(),
        };
        (len, Some(len))
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// Returns the parts before and after the first `separator`.
fn split(text: &str, separator: u8) -> (&str, &str) {
    let at = find_byte(text, separator).unwrap_or(text.len());
    (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default())
}

/// An emptied list equals one that was never written.
impl PartialEq for Pairs {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
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

    #[test]
    fn pairs_as_received_are_those_of_a_list() {
        let received = || Pairs::of_text(Some("a=1,b=x=y,c=3".into()), 3);
        let mut list = Pairs::default();
        for (key, value) in [("a", "1"), ("b", "x=y"), ("c", "3")] {
            list.set(key.into(), value.into());
        }
        assert_eq!(received(), list);
        assert_eq!((received().len(), received().get("b")), (3, Some("x=y")));
        assert_eq!(received().get("d"), None);
        let mut changed = received();
        changed.set("d".into(), "4".into());
        changed.remove("a");
        assert_eq!(changed.iter().collect::<Vec<_>>(), [("b", "x=y"), ("c", "3"), ("d", "4")]);
        assert_eq!((received().as_text(), changed.as_text()), (Some("a=1,b=x=y,c=3"), None));
    }
}
