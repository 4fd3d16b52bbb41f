//! All tags of one span, each key once: its own, and those of every span of its tracer.

use super::{CommonTags, KeyBits, OwnTags};
use crate::{
    text::cut,
    values::{MAX_TAG_KEY_BYTES, TagRef, TagValue},
};

/// The most bytes that the format adds to a key and a value, or to a key and its number.
const TAG_BYTES: usize = 14;

/// The tags of a span: first its own, and then those that it shares with every span of its tracer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags {
    own: OwnTags,
    common: CommonTags,
}

impl Tags {
    /// Sets a tag of the application.
    #[cfg(test)]
    pub(crate) fn set(&mut self, key: &str, value: TagValue<'_>) -> bool {
        self.put(key, &value, false)
    }

    /// Sets a tag of the application, or a derived one; returns `false` if it was dropped because
    /// the span holds too many. A number that is not finite changes nothing.
    #[inline]
    pub(crate) fn put(&mut self, key: &str, value: &TagValue<'_>, is_derived: bool) -> bool {
        value.stored().is_none_or(|value| self.own.put(key, value, is_derived))
    }

    /// Whether the application set the tag on this span.
    pub(crate) fn is_chosen(&self, key: &str) -> bool {
        self.own.is_chosen(cut(key, MAX_TAG_KEY_BYTES))
    }

    pub(crate) fn get(&self, key: &str) -> Option<TagRef<'_>> {
        let key = cut(key, MAX_TAG_KEY_BYTES);
        self.own.get(key).or_else(|| self.common.get(key)?.stored())
    }

    pub(crate) fn remove(&mut self, key: &str) {
        let key = cut(key, MAX_TAG_KEY_BYTES);
        self.common.remove(key);
        self.own.remove(key);
    }

    /// The span's own tags take precedence.
    pub(crate) fn share(&mut self, common: CommonTags) {
        self.common = common;
    }

    /// Returns an estimate of the bytes of the encoded tags, or of their memory if that is more.
    pub(crate) fn bytes(&self) -> usize {
        self.own.bytes() + TAG_BYTES * self.common.as_slice().len() + self.common.bytes()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, TagRef<'_>)> {
        self.own.iter().chain(self.common())
    }

    /// Returns the tags of the span itself.
    #[inline]
    pub(crate) fn own(&self) -> &OwnTags {
        &self.own
    }

    /// Returns the tags of the span itself, to add derived ones.
    #[inline]
    pub(crate) fn own_mut(&mut self) -> &mut OwnTags {
        &mut self.own
    }

    /// The keys of the shared tags.
    #[inline]
    pub(crate) fn common_keys(&self) -> KeyBits {
        self.common.as_slice().iter().map(|(key, _)| &**key).collect()
    }

    /// Returns the shared tags that the span itself does not have.
    #[inline]
    pub(crate) fn common(&self) -> impl Iterator<Item = (&str, TagRef<'_>)> {
        let common = self.common.as_slice().iter();
        let common = common.filter(|(key, _)| self.own.get(key).is_none());
        common.filter_map(|(key, value)| Some((key.as_ref(), value.stored()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recording::{MAX_TAGS_PER_SPAN, SeenTags, TagsOfAll},
        values::MAX_TAG_VALUE_BYTES,
    };

    fn listed(tags: &Tags) -> Vec<(&str, TagValue<'_>)> {
        tags.iter().map(|(key, value)| (key, value.into())).collect()
    }

    #[test]
    fn a_key_is_text_or_number_never_both() {
        let mut tags = Tags::default();
        tags.set("size", "big".into());
        tags.set("size", 3.into());
        assert_eq!(listed(&tags), [("size", 3.into())]);
    }

    #[test]
    fn numbers_that_are_not_finite_are_left_out() {
        let mut tags = Tags::default();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            tags.set("ratio", value.into());
        }
        assert_eq!(listed(&tags), []);
    }

    #[test]
    fn one_tag_more_than_the_limit_is_dropped_and_old_keys_can_still_change() {
        let mut tags = Tags::default();
        for number in 0..MAX_TAGS_PER_SPAN {
            assert!(tags.set(&format!("tag{number}"), number.into()));
        }
        assert!(!tags.set("one more", 1.into()));
        assert!(tags.set("tag0", "changed".into()));
        assert_eq!(tags.get("one more"), None);
        assert_eq!(tags.get("tag0"), Some(TagRef::from("changed")));
    }

    #[test]
    fn long_keys_and_values_are_cut_at_their_limits() {
        let mut tags = Tags::default();
        let value = "v".repeat(MAX_TAG_VALUE_BYTES + 1);
        tags.set(&"k".repeat(MAX_TAG_KEY_BYTES + 1), value.into());
        let (key, value) = tags.iter().next().unwrap();
        assert_eq!(key.len(), MAX_TAG_KEY_BYTES);
        assert_eq!(value.as_str().unwrap().len(), MAX_TAG_VALUE_BYTES);
    }

    #[test]
    fn a_long_key_names_the_tag_that_was_set_with_it() {
        let mut tags = Tags::default();
        let key = "k".repeat(MAX_TAG_KEY_BYTES + 1);
        tags.set(&key, 1.into());
        assert_eq!(tags.get(&key), Some(TagRef::from(1.0)));
        assert!(tags.is_chosen(&key));
        tags.remove(&key);
        assert_eq!(listed(&tags), []);
    }

    #[test]
    fn removing_a_shared_tag_from_a_full_span_leaves_the_others_and_those_of_other_spans() {
        let all = TagsOfAll::default();
        let shared = [("team", "a"), ("zone", "b")];
        all.set(shared.map(|(key, value)| (key.into(), value.into())).to_vec());
        let common = all.look(&mut SeenTags::default(), std::process::id());
        let mut tags = Tags::default();
        tags.share(common.clone());
        for number in 0..MAX_TAGS_PER_SPAN {
            tags.set(&format!("tag{number}"), number.into());
        }
        tags.remove("team");
        assert_eq!((tags.get("team"), tags.get("zone")), (None, Some(TagRef::from("b"))));
        assert_eq!(tags.iter().count(), MAX_TAGS_PER_SPAN + 1);
        assert_eq!(common.as_slice().len(), 2);
    }

    #[test]
    fn the_bytes_are_at_least_the_encoded_ones_whatever_is_set_replaced_and_removed() {
        let mut tags = Tags::default();
        let mut expected = Vec::new();
        for round in 0..100 {
            let key = format!("key{}", round % 7);
            let value = match round % 5 {
                0 => None,
                1 => Some(TagValue::from(round)),
                _ => Some(TagValue::from("v".repeat(round))),
            };
            let known = expected.iter().position(|(known, _)| *known == key);
            match (value, known) {
                (Some(value), known) => {
                    tags.put(&key, &value, round % 2 == 0);
                    match known {
                        Some(known) => expected[known].1 = value,
                        None => expected.push((key, value)),
                    }
                }
                (None, Some(known)) => {
                    tags.remove(&key);
                    expected.remove(known);
                }
                (None, None) => {}
            }
            let expected: Vec<_> = expected.iter().map(|(key, value)| (&**key, value)).collect();
            let found = listed(&tags);
            assert_eq!(
                found.iter().map(|(key, value)| (*key, value)).collect::<Vec<_>>(),
                expected
            );
            let packed = tags.own().packed().unwrap();
            assert_eq!((packed.text_count + packed.number_count) as usize, expected.len());
            assert!(size_of::<Tags>() + tags.bytes() >= packed.texts.len() + packed.numbers.len());
            let texts = expected.iter().filter_map(|(key, value)| Some((*key, value.as_str()?)));
            let bytes =
                texts.map(|(key, text)| key.len() + text.len() + 2 + usize::from(text.len() > 31));
            assert_eq!(bytes.sum::<usize>(), packed.texts.len(), "nothing else is there");
        }
    }

    #[test]
    fn tags_keep_their_values_when_a_long_one_becomes_short_and_another_one_is_long() {
        let mut tags = Tags::default();
        let long = "v".repeat(300);
        tags.set("first", long.clone().into());
        tags.set("first", "short".into());
        tags.set("second", long.clone().into());
        assert_eq!(listed(&tags), [("first", "short".into()), ("second", long.into())]);
    }

    #[test]
    fn a_key_is_the_same_wherever_it_lies() {
        let mut tags = Tags::default();
        tags.set("size", 1.into());
        let elsewhere = String::from("size");
        tags.set(&elsewhere, 2.into());
        tags.set("sizf", 3.into());
        assert_eq!(listed(&tags), [("size", 2.into()), ("sizf", 3.into())]);
    }
}
