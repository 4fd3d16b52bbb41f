//! The texts of a `v0.5` payload, each of them once; the first one is empty.

use std::collections::HashMap;

use super::{list::ListBuffer, pack};

/// The number of texts for which the index keeps room between two payloads.
const KEPT_TEXTS: usize = 1 << 10;

#[derive(Debug)]
pub(super) struct Strings {
    indices: HashMap<Box<str>, u32>,
    encoded: ListBuffer,
}

impl Strings {
    /// The empty text alone.
    pub(super) fn new() -> Self {
        let mut strings = Self { indices: HashMap::new(), encoded: ListBuffer::new() };
        strings.clear();
        strings
    }

    pub(super) fn clear(&mut self) {
        self.indices.clear();
        self.indices.shrink_to(KEPT_TEXTS);
        self.encoded.clear();
        self.index("");
    }

    /// The index of a text, which is added if it is new.
    pub(super) fn index(&mut self, text: &str) -> u32 {
        if let Some(index) = self.indices.get(text) {
            return *index;
        }
        let index = self.encoded.count();
        pack::text(self.encoded.bytes_mut(), text);
        self.encoded.add();
        self.indices.insert(text.into(), index);
        index
    }

    pub(super) fn encoded(&self) -> &ListBuffer {
        &self.encoded
    }

    /// The list, with its length in front.
    pub(super) fn finish(&mut self) -> &[u8] {
        self.encoded.finish()
    }

    /// Removes the texts added since there were `count` texts of `bytes` bytes.
    pub(super) fn truncate(&mut self, count: u32, bytes: usize) {
        if self.encoded.count() > count {
            self.indices.retain(|_, index| *index < count);
        }
        self.encoded.truncate(count, bytes);
    }

    pub(super) fn shrink(&mut self, bytes: usize) {
        self.encoded.shrink(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(strings: &mut Strings) -> Vec<String> {
        rmp_serde::from_slice(strings.finish()).unwrap()
    }

    #[test]
    fn each_text_is_stored_once_and_the_first_one_is_empty() {
        let mut strings = Strings::new();
        let indices = ["", "a", "é", "a", ""].map(|text| strings.index(text));
        assert_eq!(indices, [0, 1, 2, 1, 0]);
        assert_eq!(listed(&mut strings), ["", "a", "é"]);
        strings.clear();
        assert_eq!(listed(&mut strings), [""]);
        assert_eq!(strings.index("é"), 1);
    }

    #[test]
    fn texts_that_are_taken_back_leave_no_entry_and_no_index() {
        let mut strings = Strings::new();
        strings.index("kept");
        let (count, bytes) = (strings.encoded().count(), strings.encoded().len());
        strings.index("gone");
        strings.index("gone too");
        strings.truncate(count, bytes);
        let indices = ["new", "gone", "kept"].map(|text| strings.index(text));
        assert_eq!(indices, [2, 3, 1]);
        assert_eq!(listed(&mut strings), ["", "kept", "new", "gone"]);
    }
}
