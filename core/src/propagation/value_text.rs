//! The text of outgoing header values, as the bytes that go into a header map.
//!
//! Digits are appended as bytes: as parts of a `String`, all of them would be checked to be UTF-8,
//! which took a twenty-fifth of an injection.

/// The values of one injection, one after the other.
#[derive(Debug, Default)]
pub(super) struct ValueText(Vec<u8>);

impl ValueText {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn capacity(&self) -> usize {
        self.0.capacity()
    }

    pub(super) fn reserve(&mut self, bytes: usize) {
        self.0.reserve(bytes);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// Appends one ASCII character.
    pub(super) fn push(&mut self, byte: u8) {
        debug_assert!(byte.is_ascii());
        self.0.push(byte);
    }

    pub(super) fn push_str(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Appends digits, or other ASCII characters.
    pub(super) fn push_digits(&mut self, digits: &[u8]) {
        debug_assert!(digits.is_ascii());
        self.0.extend_from_slice(digits);
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text from `start` on, for carriers other than header maps.
    pub(super) fn text(&self, start: usize, end: usize) -> &str {
        let bytes = self.0.get(start..end).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default() // Only texts and ASCII were appended.
    }

    pub(super) fn into_string(self) -> String {
        String::from_utf8(self.0).unwrap_or_default() // Only texts and ASCII were appended.
    }
}

impl<'a> Extend<&'a str> for ValueText {
    fn extend<I: IntoIterator<Item = &'a str>>(&mut self, texts: I) {
        texts.into_iter().for_each(|text| self.push_str(text));
    }
}

impl From<&str> for ValueText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}
