//! The tags of one span, in the order in which they were first set, each key once.

use std::{borrow::Cow, ptr};

use smallvec::SmallVec;

use super::CommonTags;
use crate::{
    text::cut,
    values::{MAX_TAG_KEY_BYTES, TagValue},
};

/// The most tags that one span holds; more new keys are dropped and counted.
pub const MAX_TAGS_PER_SPAN: usize = 1024;

/// The most bytes that the format adds to a key and a value, or to a key and its number.
const TAG_BYTES: usize = 14;

/// The tags of a span: first its own, eight of which need no allocation, and then those that it
/// shares with every span of its tracer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags {
    own: SmallVec<[Tag; 8]>,
    /// The sum of [`Tag::bytes`], kept up to date: a walk over the tags at the end of the span would
    /// take 250 instructions.
    own_bytes: usize,
    common: CommonTags,
}

#[derive(Clone, Debug)]
struct Tag {
    key: Cow<'static, str>,
    value: TagValue,
    /// Whether a layer derived it: then a tag of the application replaces it.
    is_derived: bool,
}

impl Tag {
    /// Whether it has this key. Keys are nearly always the same constants: then the places of the
    /// texts are the same, and their letters need not be compared.
    #[inline]
    fn is(&self, key: &str) -> bool {
        let own: &str = &self.key;
        own.len() == key.len() && (ptr::eq(own.as_ptr(), key.as_ptr()) || own == key)
    }

    /// Returns an estimate of the bytes of the encoded tag.
    #[inline]
    fn bytes(&self) -> usize {
        TAG_BYTES + key_bytes(&self.key) + self.value.max_len()
    }
}

/// Returns a tag as it is stored, with the key cut to its limit; `None` if the number is not
/// finite.
#[inline]
pub(crate) fn stored_tag(
    key: Cow<'static, str>,
    value: TagValue,
) -> Option<(Cow<'static, str>, TagValue)> {
    value.is_storable().then(|| (stored_key(key), value))
}

/// Returns a key that takes no more memory than its limit.
#[inline]
fn stored_key(key: Cow<'static, str>) -> Cow<'static, str> {
    if key_bytes(&key) <= MAX_TAG_KEY_BYTES { key } else { cut_key(key) }
}

#[cold]
fn cut_key(key: Cow<'static, str>) -> Cow<'static, str> {
    match key {
        Cow::Borrowed(key) => Cow::Borrowed(cut(key, MAX_TAG_KEY_BYTES)),
        // Copied rather than cut in place, which would keep all its memory.
        Cow::Owned(key) => Cow::Owned(cut(&key, MAX_TAG_KEY_BYTES).to_owned()),
    }
}

/// Returns the memory of a key, or its length if it takes none.
#[expect(clippy::ptr_arg, reason = "an owned key has a capacity")]
#[inline]
fn key_bytes(key: &Cow<'static, str>) -> usize {
    match key {
        Cow::Borrowed(key) => key.len(),
        Cow::Owned(key) => key.capacity(),
    }
}

impl Tags {
    /// Sets a tag of the application.
    #[cfg(test)]
    pub(crate) fn set(&mut self, key: Cow<'static, str>, value: TagValue) -> bool {
        self.put(key, value, false)
    }

    /// Sets a tag of the application, or a derived one; returns `false` if it was dropped because
    /// the span holds too many.
    #[inline]
    pub(crate) fn put(
        &mut self,
        key: Cow<'static, str>,
        value: TagValue,
        is_derived: bool,
    ) -> bool {
        if !value.is_storable() {
            return true;
        }
        let key = stored_key(key);
        if let Some(old) = self.own.iter_mut().find(|old| old.is(&key)) {
            self.own_bytes -= old.bytes();
            (old.value, old.is_derived) = (value, is_derived);
            self.own_bytes += old.bytes();
            return true;
        }
        let has_room = self.own.len() < MAX_TAGS_PER_SPAN;
        if has_room {
            self.push(Tag { key, value, is_derived });
        }
        has_room
    }

    #[inline]
    fn push(&mut self, tag: Tag) {
        self.own_bytes += tag.bytes();
        self.own.push(tag);
    }

    /// Whether the application set the tag on this span.
    pub(crate) fn is_chosen(&self, key: &str) -> bool {
        self.own.iter().any(|tag| tag.is(key) && !tag.is_derived)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&TagValue> {
        self.own_value(key).or_else(|| self.common.get(key))
    }

    fn own_value(&self, key: &str) -> Option<&TagValue> {
        self.own.iter().find(|tag| tag.is(key)).map(|tag| &tag.value)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if self.common.get(key).is_some() {
            self.stop_sharing();
        }
        let bytes = &mut self.own_bytes;
        self.own.retain(|tag| {
            let is_kept = !tag.is(key);
            *bytes -= if is_kept { 0 } else { tag.bytes() };
            is_kept
        });
    }

    /// Copies the shared tags, so that one can be removed from this span alone.
    fn stop_sharing(&mut self) {
        for (key, value) in std::mem::take(&mut self.common).as_slice() {
            if self.own_value(key).is_none() {
                let (key, value) = (key.clone(), value.clone());
                self.push(Tag { key, value, is_derived: false });
            }
        }
    }

    /// The span's own tags take precedence.
    pub(crate) fn share(&mut self, common: CommonTags) {
        self.common = common;
    }

    /// Returns an estimate of the bytes of the encoded tags, or of their memory beyond the inline
    /// list if that is more.
    pub(crate) fn bytes(&self) -> usize {
        let spilled = if self.own.spilled() { self.own.capacity() * size_of::<Tag>() } else { 0 };
        spilled + self.own_bytes + TAG_BYTES * self.common.as_slice().len() + self.common.bytes()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &TagValue)> {
        self.own().chain(self.common())
    }

    /// Returns the tags of the span itself.
    #[inline]
    pub(crate) fn own(&self) -> impl Iterator<Item = (&str, &TagValue)> {
        self.own.iter().map(|tag| (tag.key.as_ref(), &tag.value))
    }

    /// Returns the shared tags that the span itself does not have.
    #[inline]
    pub(crate) fn common(&self) -> impl Iterator<Item = (&str, &TagValue)> {
        let common = self.common.as_slice().iter().filter(|(key, _)| self.own_value(key).is_none());
        common.map(|(key, value)| (key.as_ref(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::MAX_TAG_VALUE_BYTES;

    fn listed(tags: &Tags) -> Vec<(&str, TagValue)> {
        tags.iter().map(|(key, value)| (key, value.clone())).collect()
    }

    #[test]
    fn a_key_is_text_or_number_never_both() {
        let mut tags = Tags::default();
        tags.set("size".into(), "big".into());
        tags.set("size".into(), 3.into());
        assert_eq!(listed(&tags), [("size", 3.into())]);
    }

    #[test]
    fn numbers_that_are_not_finite_are_left_out() {
        let mut tags = Tags::default();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            tags.set("ratio".into(), value.into());
        }
        assert_eq!(listed(&tags), []);
    }

    #[test]
    fn one_tag_more_than_the_limit_is_dropped_and_old_keys_can_still_change() {
        let mut tags = Tags::default();
        for number in 0..MAX_TAGS_PER_SPAN {
            assert!(tags.set(format!("tag{number}").into(), number.into()));
        }
        assert!(!tags.set("one more".into(), 1.into()));
        assert!(tags.set("tag0".into(), "changed".into()));
        assert_eq!(tags.get("one more"), None);
        assert_eq!(tags.get("tag0"), Some(&"changed".into()));
    }

    #[test]
    fn long_keys_and_values_are_cut_at_their_limits() {
        let mut tags = Tags::default();
        tags.set(
            "k".repeat(MAX_TAG_KEY_BYTES + 1).into(),
            "v".repeat(MAX_TAG_VALUE_BYTES + 1).into(),
        );
        let (key, value) = tags.iter().next().unwrap();
        assert_eq!(key.len(), MAX_TAG_KEY_BYTES);
        assert_eq!(value.as_str().unwrap().len(), MAX_TAG_VALUE_BYTES);
    }

    #[test]
    fn the_bytes_are_those_of_the_tags_whatever_is_set_replaced_and_removed() {
        let mut tags = Tags::default();
        let sum = |tags: &Tags| tags.own.iter().map(Tag::bytes).sum::<usize>();
        for round in 0..100 {
            let key = format!("key{}", round % 7);
            match round % 5 {
                0 => tags.remove(&key),
                1 => drop(tags.set(key.into(), round.into())),
                _ => drop(tags.put(key.into(), "v".repeat(round).into(), round % 2 == 0)),
            }
            assert_eq!(tags.own_bytes, sum(&tags), "{tags:?}");
        }
        assert!(tags.own_bytes > 0);
    }

    #[test]
    fn a_key_is_the_same_wherever_it_lies() {
        let mut tags = Tags::default();
        tags.set("size".into(), 1.into());
        tags.set("size".to_owned().into(), 2.into());
        tags.set("sizf".into(), 3.into());
        assert_eq!(listed(&tags), [("size", 2.into()), ("sizf", 3.into())]);
    }

    #[test]
    fn a_long_key_keeps_no_more_memory_than_its_limit() {
        let mut roomy = String::with_capacity(1 << 20);
        roomy.push_str("roomy");
        for key in ["k".repeat(1 << 20), roomy] {
            let (key, _) = stored_tag(key.into(), 1.into()).unwrap();
            assert!(key.into_owned().capacity() <= MAX_TAG_KEY_BYTES);
        }
        let mut tags = Tags::default();
        tags.set(String::with_capacity(100).into(), 1.into());
        assert!(tags.bytes() >= 100);
    }
}
