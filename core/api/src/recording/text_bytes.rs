//! Texts one after the other in MessagePack, the first of which need no allocation.

use std::ops::Range;

use crate::packed_text::{header_len, push_text};

/// The bytes that need no allocation: the tags of a call, or the short ones of a request.
///
/// Memory that one thread takes and another one frees costs about 350 instructions.
const INLINE_BYTES: usize = 224;

/// Up to here, memory grows twofold.
const SMALL_BYTES: usize = 4096;

#[derive(Clone, Debug)]
pub(crate) struct TextBytes {
    /// The bytes up to `len`, unless they are on the heap.
    inline: [u8; INLINE_BYTES],
    len: usize,
    heap: Vec<u8>,
}

impl Default for TextBytes {
    fn default() -> Self {
        Self { inline: [0; INLINE_BYTES], len: 0, heap: Vec::new() }
    }
}

impl TextBytes {
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        if self.heap.is_empty() {
            self.inline.get(..self.len).unwrap_or_default()
        } else {
            &self.heap
        }
    }

    /// Adds two texts; returns the place of the first byte of the first one.
    #[inline]
    pub(crate) fn push_pair(&mut self, first: &str, second: &str) -> usize {
        if self.heap.is_empty() {
            let headers = (header_len(first.len()), header_len(second.len()));
            let at = self.len + headers.0;
            let end = at + first.len() + headers.1 + second.len();
            if let Some(free) = self.inline.get_mut(self.len..end) {
                let free = write(free, first, headers.0);
                write(free, second, headers.1);
                self.len = end;
                return at;
            }
        }
        self.push_to_heap(first, second)
    }

    fn push_to_heap(&mut self, first: &str, second: &str) -> usize {
        let texts = [first, second].map(|text| header_len(text.len()) + text.len());
        let bytes = self.as_slice().len() + texts.iter().sum::<usize>();
        if bytes > self.heap.capacity() {
            self.grow(bytes);
        }
        if self.heap.is_empty() {
            // Also if it was used before: it keeps its memory when it is emptied.
            self.heap.extend_from_slice(self.inline.get(..self.len).unwrap_or_default());
        }
        let at = self.heap.len() + header_len(first.len());
        push_text(&mut self.heap, first);
        push_text(&mut self.heap, second);
        at
    }

    /// Makes room for this many bytes. Long texts take little more than they need, because a span
    /// counts its memory, not its length.
    fn grow(&mut self, bytes: usize) {
        let capacity = self.heap.capacity();
        let spare = if bytes < SMALL_BYTES { capacity } else { capacity / 8 };
        let wanted = bytes.max(capacity + spare).max(2 * INLINE_BYTES);
        self.heap.reserve_exact(wanted - self.heap.len());
    }

    /// Removes bytes.
    pub(crate) fn remove(&mut self, range: Range<usize>) {
        if self.heap.is_empty() {
            let removed = range.len();
            self.inline.copy_within(range.end..self.len, range.start);
            self.len -= removed;
        } else {
            self.heap.drain(range);
            if self.heap.is_empty() {
                self.len = 0;
            }
        }
    }

    /// Returns the memory besides this value itself.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.heap.capacity()
    }
}

/// Writes a text at the start of `free`, which has room for it; returns the rest.
#[inline]
fn write<'a>(free: &'a mut [u8], text: &str, header: usize) -> &'a mut [u8] {
    let length = text.len();
    let free = match (header, free) {
        (1, [short, free @ ..]) => {
            *short = 0xa0 | length as u8;
            free
        }
        (_, [marker, byte, free @ ..]) => {
            (*marker, *byte) = (0xd9, length as u8); // More than 255 bytes do not fit.
            free
        }
        _ => return &mut [],
    };
    let Some((place, free)) = free.split_at_mut_checked(length) else { return &mut [] };
    place.copy_from_slice(text.as_bytes());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_inline_and_on_the_heap() {
        for lengths in [&[0, 1, 31, 32, 100][..], &[200], &[255], &[256, 3], &[221], &[30; 20]] {
            let mut bytes = TextBytes::default();
            let mut expected = Vec::new();
            for length in lengths {
                let text = "x".repeat(*length);
                let at = bytes.push_pair("k", &text);
                push_text(&mut expected, "k");
                assert_eq!(at, expected.len() - 1);
                push_text(&mut expected, &text);
            }
            assert_eq!(bytes.as_slice(), expected, "{lengths:?}");
            bytes.remove(1..expected.len());
            assert_eq!(bytes.as_slice(), &expected[..1]);
            bytes.remove(0..1);
            bytes.push_pair("a", "b");
            assert_eq!(bytes.as_slice(), b"\xa1a\xa1b");
        }
    }

    #[test]
    fn texts_that_came_after_the_heap_was_emptied_stay_when_it_is_used_again() {
        let long = "x".repeat(INLINE_BYTES);
        let mut bytes = TextBytes::default();
        bytes.push_pair("k", &long);
        bytes.remove(0..bytes.as_slice().len());
        bytes.push_pair("a", "b");
        let at = bytes.push_pair("k", &long);
        let mut expected = b"\xa1a\xa1b\xa1k".to_vec();
        push_text(&mut expected, &long);
        assert_eq!((at, bytes.as_slice()), (5, &*expected));
    }
}
