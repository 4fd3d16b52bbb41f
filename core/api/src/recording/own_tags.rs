//! The tags of one span as they go on the wire, in the order in which they were first set.
//!
//! ```text
//! texts    header key header value  header key header value  ..
//! numbers  header key 0xcb 8 bytes  ..
//! places   the place of each key and value in one of them, in order
//! ```
//! Texts and numbers are two maps on the wire, so they are two buffers here, in MessagePack. Setting
//! a tag is two copies without an allocation of its own, sending all of them is one, and freeing a
//! span does not look at its tags.

use std::{fmt, ops::Range, str, sync::Arc};

use smallvec::SmallVec;

use super::{KeyBits, PackedBytes};
use crate::{
    packed_text::header_len,
    text::cut,
    values::{MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES, Stack, Stored, TagRef},
};

/// 1024: the most tags that one span holds; more new keys are dropped and counted.
pub const MAX_TAGS_PER_SPAN: usize = 1024;

/// The bytes of texts that need no allocation: the tags of a call, or those of a request from a
/// program, or from a browser whose name and URL are short.
const TEXT_BYTES: usize = 320;
/// The bytes of numbers that need no allocation: the one of a request, `_dd.measured`, or that of a
/// call, `network.destination.port`.
const NUMBER_BYTES: usize = 36;

#[derive(Clone, Default)]
pub(crate) struct OwnTags {
    /// Those of a request with baggage and header tags need no allocation.
    places: SmallVec<[Place; 16]>,
    texts: PackedBytes<TEXT_BYTES>,
    numbers: PackedBytes<NUMBER_BYTES>,
    /// Backtraces, which become texts when they are read, and their keys.
    stacks: Vec<(Box<str>, Arc<Stack>)>,
    /// The keys of all tags, and of some that were removed.
    keys: KeyBits,
}

/// The place of a tag.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The first byte of the key in its buffer, or the index of the backtrace.
    at: u32,
    value_len: u16,
    key_len: u8,
    source: Source,
}

/// Eight bytes: spans wait for their request with sixteen of them.
const _: () = assert!(size_of::<Place>() == 8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Stack,
}

/// The [`Kind`] of a tag, and whether a layer derived it: then a tag of the application replaces it.
#[derive(Clone, Copy, Debug)]
struct Source(u8);

impl Source {
    const DERIVED: u8 = 1 << 7;

    #[inline]
    fn new(kind: Kind, is_derived: bool) -> Self {
        Self(kind as u8 | if is_derived { Self::DERIVED } else { 0 })
    }
}

// Keys and values are cut at limits that their lengths can express.
const _: () = assert!(MAX_TAG_KEY_BYTES <= u8::MAX as usize);
const _: () = assert!(MAX_TAG_VALUE_BYTES <= u16::MAX as usize);

impl Place {
    #[inline]
    fn kind(self) -> Kind {
        match self.source.0 & !Source::DERIVED {
            0 => Kind::Text,
            1 => Kind::Number,
            _ => Kind::Stack,
        }
    }

    #[inline]
    fn is_derived(self) -> bool {
        self.source.0 & Source::DERIVED != 0
    }

    #[inline]
    fn key(self) -> Range<usize> {
        self.at as usize..self.at as usize + usize::from(self.key_len)
    }

    #[inline]
    fn value(self) -> Range<usize> {
        let length = usize::from(self.value_len);
        let start = self.key().end + if self.kind() == Kind::Text { header_len(length) } else { 1 };
        start..start + length
    }

    /// The whole tag, with its headers.
    fn whole(self) -> Range<usize> {
        self.at as usize - header_len(self.key_len.into())..self.value().end
    }
}

/// The tags of a span in MessagePack, without the headers of the two maps.
#[derive(Clone, Copy, Debug)]
pub struct PackedTags<'a> {
    /// The keys and values of texts.
    pub texts: &'a [u8],
    /// The number of texts.
    pub text_count: u32,
    /// The keys and values of numbers.
    pub numbers: &'a [u8],
    /// The number of numbers.
    pub number_count: u32,
}

/// The value of a tag, with a text as the bytes that the span stores: readers that only compare it
/// need not check again that it is UTF-8, which costs as much as all the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TagBytes<'a> {
    /// A text.
    Text(&'a [u8]),
    /// A number.
    Number(f64),
}

impl<'a> TagBytes<'a> {
    #[inline]
    pub(crate) fn of(value: TagRef<'a>) -> Self {
        match value.as_f64() {
            Some(number) => Self::Number(number),
            None => Self::Text(value.as_str().unwrap_or_default().as_bytes()),
        }
    }

    /// Returns the text; `None` if the value is a number.
    #[inline]
    pub fn as_bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }

    /// Returns the number; `None` if the value is a text.
    #[inline]
    pub fn as_f64(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(_) => None,
        }
    }
}

impl OwnTags {
    /// Sets a tag; returns `false` if it was dropped because there are too many.
    #[inline]
    pub(crate) fn put(&mut self, key: &str, value: TagRef<'_>, is_derived: bool) -> bool {
        let key = cut(key, MAX_TAG_KEY_BYTES);
        let bits = KeyBits::of(key);
        // Nearly all keys that are set are new, which their bits show.
        if self.keys.overlaps(bits)
            && let Some(index) = self.search(key)
        {
            self.replace(index, key, value, is_derived);
            return true;
        }
        self.add(key, bits, value, is_derived)
    }

    /// Like [`put`](OwnTags::put) for the application, but a tag that is there stays as it is.
    #[inline]
    pub(crate) fn put_new(&mut self, key: &str, value: TagRef<'_>) -> bool {
        let key = cut(key, MAX_TAG_KEY_BYTES);
        let bits = KeyBits::of(key);
        let is_there = self.keys.overlaps(bits) && self.search(key).is_some();
        is_there || self.add(key, bits, value, false)
    }

    /// Adds a text of the application; returns `false`, and adds nothing, if a tag may have its key
    /// already, or if one of the two is long or does not fit in place.
    ///
    /// A fast path for nearly all tags, at 155 instructions instead of 217.
    #[inline]
    pub(crate) fn add_short_text(&mut self, key: &str, bits: KeyBits, value: &str) -> bool {
        // A list that is in place is never too long.
        if self.keys.overlaps(bits) || self.places.len() >= self.places.inline_size() {
            return false;
        }
        let Some(at) = self.texts.push_short_pair(key, value) else { return false };
        self.keys = self.keys.and(bits);
        self.places.push(Place {
            at: at as u32,
            value_len: value.len() as u16,
            key_len: key.len() as u8,
            source: Source::new(Kind::Text, false),
        });
        true
    }

    /// Adds a text that a layer derived; returns `false` if a tag may have its key already, or if
    /// there are too many.
    ///
    /// A fast path for the tags of a request, which are many and new.
    #[inline]
    pub(crate) fn add_derived_text(&mut self, key: &'static str, value: &str) -> bool {
        let bits = KeyBits::of(key);
        let is_new = !self.keys.overlaps(bits) && key.len() <= MAX_TAG_KEY_BYTES;
        is_new && self.add(key, bits, value.into(), true)
    }

    /// Like [`add_derived_text`](Self::add_derived_text), with a text in pieces, and `false` also for
    /// one that is too long.
    #[inline]
    pub(crate) fn add_derived_pieces<const N: usize>(
        &mut self,
        key: &'static str,
        pieces: [&str; N],
    ) -> bool {
        let bits = KeyBits::of(key);
        let bytes = pieces.iter().map(|piece| piece.len()).sum();
        let fits = key.len() <= MAX_TAG_KEY_BYTES && bytes <= MAX_TAG_VALUE_BYTES;
        let is_added = fits && !self.keys.overlaps(bits) && self.places.len() < MAX_TAGS_PER_SPAN;
        if is_added {
            self.keys = self.keys.and(bits);
            let at = self.texts.push_pieces(key, pieces, bytes) as u32;
            let (key_len, value_len) = (key.len() as u8, bytes as u16);
            let source = Source::new(Kind::Text, true);
            self.places.push(Place { at, value_len, key_len, source });
        }
        is_added
    }

    /// Takes all tags of a set; returns `false` if there are tags already.
    #[inline]
    pub(crate) fn begin_with(&mut self, set: &Self) -> bool {
        let is_first = self.places.is_empty() && set.stacks.is_empty();
        if is_first {
            self.places.extend_from_slice(&set.places);
            self.texts.push_all(&set.texts);
            self.numbers.push_all(&set.numbers);
            self.keys = self.keys.and(set.keys);
        }
        is_first
    }

    /// Adds a tag whose key is new, unless there are too many.
    #[inline]
    fn add(&mut self, key: &str, bits: KeyBits, value: TagRef<'_>, is_derived: bool) -> bool {
        let has_room = self.places.len() < MAX_TAGS_PER_SPAN;
        if has_room {
            self.keys = self.keys.and(bits);
            let place = self.append(key, value, is_derived);
            self.places.push(place);
        }
        has_room
    }

    pub(crate) fn get(&self, key: &str) -> Option<TagRef<'_>> {
        let place = self.places.get(self.find(key)?)?;
        Some(self.value(*place))
    }

    /// Whether the application set the tag.
    pub(crate) fn is_chosen(&self, key: &str) -> bool {
        let place = self.find(key).and_then(|index| self.places.get(index));
        place.is_some_and(|place| !place.is_derived())
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if let Some(index) = self.find(key) {
            let place = self.places.remove(index);
            self.cut_out(place);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, TagRef<'_>)> {
        self.places.iter().map(|place| self.tag(*place))
    }

    /// Shows the tags whose keys may be among these, without a look at the text of the others.
    #[inline]
    pub(crate) fn show_among<'s>(
        &'s self,
        keys: KeyBits,
        mut see: impl FnMut(&'s [u8], TagBytes<'s>),
    ) {
        if !self.keys.overlaps(keys) {
            return; // Most spans below a root.
        }
        let texts = self.texts.as_slice();
        for place in &self.places {
            let key = match place.kind() {
                Kind::Text => texts.get(place.key()).unwrap_or_default(),
                _ => self.key(*place),
            };
            if !keys.overlaps(KeyBits::of_bytes(key)) {
                continue;
            }
            let value = match place.kind() {
                Kind::Text => TagBytes::Text(texts.get(place.value()).unwrap_or_default()),
                _ => TagBytes::of(self.value(*place)),
            };
            see(key, value);
        }
    }

    /// Returns the tags, and whether a layer derived them.
    pub(crate) fn with_origins(&self) -> impl Iterator<Item = (&str, TagRef<'_>, bool)> {
        self.places.iter().map(|place| {
            let (key, value) = self.tag(*place);
            (key, value, place.is_derived())
        })
    }

    /// The keys of all tags, and perhaps others.
    #[inline]
    pub(crate) fn keys(&self) -> KeyBits {
        self.keys
    }

    /// Returns the tags as they go on the wire; `None` if some of them are not there yet.
    #[inline]
    pub(crate) fn packed(&self) -> Option<PackedTags<'_>> {
        if !self.stacks.is_empty() {
            return None;
        }
        let is_number = |place: &&Place| place.kind() == Kind::Number;
        let number_count = match self.numbers.as_slice().len() {
            0 => 0, // Nearly all spans.
            _ => self.places.iter().filter(is_number).count(),
        };
        Some(PackedTags {
            texts: self.texts.as_slice(),
            text_count: (self.places.len() - number_count) as u32,
            numbers: self.numbers.as_slice(),
            number_count: number_count as u32,
        })
    }

    /// Returns an estimate of the bytes of the encoded tags, or of their memory if that is more.
    pub(crate) fn bytes(&self) -> usize {
        let places =
            if self.places.spilled() { self.places.capacity() * size_of::<Place>() } else { 0 };
        let stacks = self.stacks.len() * (MAX_TAG_VALUE_BYTES + MAX_TAG_KEY_BYTES);
        places + self.texts.heap_bytes() + self.numbers.heap_bytes() + stacks
    }

    /// Returns the index of a key.
    #[inline]
    fn find(&self, key: &str) -> Option<usize> {
        if self.keys.overlaps(KeyBits::of(key)) { self.search(key) } else { None }
    }

    fn search(&self, key: &str) -> Option<usize> {
        // Nearly all other keys have another length, which is seen without looking for the key.
        self.places.iter().position(|place| {
            usize::from(place.key_len) == key.len() && self.key(*place) == key.as_bytes()
        })
    }

    fn tag(&self, place: Place) -> (&str, TagRef<'_>) {
        (text(self.key(place)), self.value(place))
    }

    #[inline]
    fn key(&self, place: Place) -> &[u8] {
        let key = match place.kind() {
            Kind::Text => self.texts.as_slice().get(place.key()),
            Kind::Number => self.numbers.as_slice().get(place.key()),
            Kind::Stack => self.stacks.get(place.at as usize).map(|(key, _)| key.as_bytes()),
        };
        key.unwrap_or_default()
    }

    fn value(&self, place: Place) -> TagRef<'_> {
        match place.kind() {
            Kind::Text => {
                TagRef::from(text(self.texts.as_slice().get(place.value()).unwrap_or_default()))
            }
            Kind::Number => {
                let bytes =
                    self.numbers.as_slice().get(place.value()).and_then(<[u8]>::first_chunk);
                TagRef::from(bytes.map_or(0.0, |bytes| f64::from_be_bytes(*bytes)))
            }
            Kind::Stack => {
                let stack = self.stacks.get(place.at as usize);
                stack.map_or(TagRef::from(""), |(_, stack)| TagRef(Stored::Stack(stack)))
            }
        }
    }

    #[inline]
    fn append(&mut self, key: &str, value: TagRef<'_>, is_derived: bool) -> Place {
        let key_len = key.len() as u8;
        match value.0 {
            Stored::Text(value) => {
                let value = cut(value, MAX_TAG_VALUE_BYTES);
                let at = self.texts.push_pair(key, value) as u32;
                let value_len = value.len() as u16;
                Place { at, value_len, key_len, source: Source::new(Kind::Text, is_derived) }
            }
            Stored::Number(number) => {
                let at = self.numbers.push_number(key, number) as u32;
                let value_len = size_of::<f64>() as u16;
                Place { at, value_len, key_len, source: Source::new(Kind::Number, is_derived) }
            }
            Stored::Stack(stack) => {
                let at = self.stacks.len() as u32;
                self.stacks.push((key.into(), Arc::clone(stack)));
                Place { at, value_len: 0, key_len, source: Source::new(Kind::Stack, is_derived) }
            }
        }
    }

    /// Replaces a value. The tag keeps its place in the order, but not in the buffers.
    fn replace(&mut self, index: usize, key: &str, value: TagRef<'_>, is_derived: bool) {
        if let Some(place) = self.places.get(index) {
            self.cut_out(*place);
        }
        let new = self.append(key, value, is_derived);
        if let Some(place) = self.places.get_mut(index) {
            *place = new;
        }
    }

    /// Removes the bytes of a tag, so that a buffer never holds anything else than tags.
    fn cut_out(&mut self, gone: Place) {
        let bytes = match gone.kind() {
            Kind::Text => {
                self.texts.remove(gone.whole());
                gone.whole().len() as u32
            }
            Kind::Number => {
                self.numbers.remove(gone.whole());
                gone.whole().len() as u32
            }
            Kind::Stack => {
                self.stacks.remove(gone.at as usize);
                1
            }
        };
        for place in &mut self.places {
            if place.kind() == gone.kind() && place.at > gone.at {
                place.at -= bytes;
            }
        }
    }
}

/// The tags, and not their bytes.
impl fmt::Debug for OwnTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Nothing else than texts is written here. Checking that again is the price of code without
/// `unsafe`; only readers pay it, and the wire takes bytes.
fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}
