//! Tags one after the other in MessagePack, the first of which need no allocation.

use std::ops::Range;

use crate::packed_text::{MAX_SHORT, header_len};

/// Up to here, memory grows twofold.
const SMALL_BYTES: usize = 4096;

/// The marker of a text of up to [`MAX_SHORT`] bytes, which has the length in it.
const SHORT_TEXT: u8 = 0xa0;
/// The marker of a text whose length is one byte.
const ONE_BYTE_TEXT: u8 = 0xd9;
/// The most bytes of such a text.
const MAX_ONE_BYTE: usize = 0xff;

/// A float of 64 bits.
const FLOAT: u8 = 0xcb;

/// Bytes of which the first `INLINE` need no allocation: memory that one thread takes and another
/// one frees costs about 350 instructions.
#[derive(Clone, Debug)]
pub(crate) struct PackedBytes<const INLINE: usize> {
    inline: [u8; INLINE],
    /// The place of all bytes once they are too many for the inline one; zeros behind the bytes, so
    /// that both places are written alike.
    heap: Vec<u8>,
    len: usize,
}

impl<const INLINE: usize> Default for PackedBytes<INLINE> {
    #[inline]
    fn default() -> Self {
        Self { inline: [0; INLINE], heap: Vec::new(), len: 0 }
    }
}

impl<const INLINE: usize> PackedBytes<INLINE> {
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        let place: &[u8] = if self.heap.is_empty() { &self.inline } else { &self.heap };
        place.get(..self.len).unwrap_or_default()
    }

    /// Adds two texts; returns the place of the first byte of the first one.
    #[inline]
    pub(crate) fn push_pair(&mut self, first: &str, second: &str) -> usize {
        let headers = (header_len(first.len()), header_len(second.len()));
        let at = self.len + headers.0;
        let free = self.free(headers.0 + first.len() + headers.1 + second.len());
        let free = write_text(free, first, headers.0);
        write_text(free, second, headers.1);
        at
    }

    /// Adds two texts if their headers are short and they fit in place; returns the place of the first
    /// byte of the first one.
    ///
    /// A fast path for the tags of nearly all spans: fewer cases than [`push_pair`](Self::push_pair).
    #[inline]
    pub(crate) fn push_short_pair(&mut self, first: &str, second: &str) -> Option<usize> {
        let (start, long) = (self.len, usize::from(second.len() > MAX_SHORT));
        let end = start + first.len() + second.len() + 2 + long;
        if first.len() > MAX_SHORT || second.len() > MAX_ONE_BYTE || !self.heap.is_empty() {
            return None;
        }
        let [header, free @ ..] = self.inline.get_mut(start..end)? else { return None };
        *header = SHORT_TEXT | first.len() as u8;
        let (place, free) = free.split_at_mut_checked(first.len())?;
        place.copy_from_slice(first.as_bytes());
        let place = match (long, free) {
            (0, [header, place @ ..]) => {
                *header = SHORT_TEXT | second.len() as u8;
                place
            }
            (_, [marker, header, place @ ..]) => {
                (*marker, *header) = (ONE_BYTE_TEXT, second.len() as u8);
                place
            }
            _ => return None,
        };
        if place.len() == second.len() {
            place.copy_from_slice(second.as_bytes());
        }
        self.len = end;
        Some(start + 1)
    }

    /// Adds a text, and one of so many bytes in pieces; returns the place of the first byte of the
    /// first one.
    #[inline]
    pub(crate) fn push_pieces<const N: usize>(
        &mut self,
        first: &str,
        pieces: [&str; N],
        bytes: usize,
    ) -> usize {
        let headers = (header_len(first.len()), header_len(bytes));
        let at = self.len + headers.0;
        let free = self.free(headers.0 + first.len() + headers.1 + bytes);
        let free = write_text(free, first, headers.0);
        let free = write_header(free, bytes, headers.1);
        pieces.into_iter().fold(free, |free, piece| write_bytes(free, piece.as_bytes()));
        at
    }

    /// Adds whole tags.
    #[inline]
    pub(crate) fn push_all(&mut self, tags: &Self) {
        let tags = tags.as_slice();
        write_bytes(self.free(tags.len()), tags);
    }

    /// Adds a text and a number; returns the place of the first byte of the text.
    #[inline]
    pub(crate) fn push_number(&mut self, key: &str, number: f64) -> usize {
        let header = header_len(key.len());
        let at = self.len + header;
        let free = self.free(header + key.len() + 1 + size_of::<f64>());
        if let [marker, free @ ..] = write_text(free, key, header)
            && let Some(free) = free.first_chunk_mut()
        {
            (*marker, *free) = (FLOAT, number.to_be_bytes());
        }
        at
    }

    /// Adds bytes, and returns their place.
    #[inline]
    fn free(&mut self, bytes: usize) -> &mut [u8] {
        let (start, end) = (self.len, self.len + bytes);
        if end > INLINE && end > self.heap.len() {
            self.grow(end);
        }
        self.len = end;
        self.place().get_mut(start..end).unwrap_or_default()
    }

    #[inline]
    fn place(&mut self) -> &mut [u8] {
        if self.heap.is_empty() { &mut self.inline } else { &mut self.heap }
    }

    /// Makes room for this many bytes. Long texts take little more than they need, because a span
    /// counts its memory, not its length.
    #[cold]
    fn grow(&mut self, bytes: usize) {
        let capacity = self.heap.len();
        let spare = if bytes < SMALL_BYTES { capacity } else { capacity / 8 };
        let wanted = bytes.max(capacity + spare).max(2 * INLINE);
        if self.heap.is_empty() {
            self.heap = vec![0; wanted];
            if let Some(place) = self.heap.get_mut(..INLINE) {
                place.copy_from_slice(&self.inline);
            }
        } else {
            self.heap.reserve_exact(wanted - capacity);
            self.heap.resize(wanted, 0);
        }
    }

    /// Removes bytes.
    pub(crate) fn remove(&mut self, range: Range<usize>) {
        let len = self.len;
        self.len -= range.len();
        self.place().copy_within(range.end..len, range.start);
    }

    /// Returns the memory besides this value itself.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.heap.capacity()
    }
}

/// Writes a text at the start of `free`, which has room for it; returns the rest.
#[inline]
fn write_text<'a>(free: &'a mut [u8], text: &str, header_len: usize) -> &'a mut [u8] {
    write_bytes(write_header(free, text.len(), header_len), text.as_bytes())
}

#[inline]
fn write_header(free: &mut [u8], length: usize, header_len: usize) -> &mut [u8] {
    match (header_len, free) {
        (1, [short, free @ ..]) => {
            *short = SHORT_TEXT | length as u8;
            free
        }
        (2, [marker, byte, free @ ..]) => {
            (*marker, *byte) = (ONE_BYTE_TEXT, length as u8);
            free
        }
        (_, free) => write_long_header(free, length),
    }
}

#[cold]
fn write_long_header(free: &mut [u8], length: usize) -> &mut [u8] {
    match u16::try_from(length) {
        Ok(length) => write_bytes(write_bytes(free, &[0xda]), &length.to_be_bytes()),
        Err(_) => write_bytes(write_bytes(free, &[0xdb]), &(length as u32).to_be_bytes()),
    }
}

#[inline]
fn write_bytes<'a>(free: &'a mut [u8], bytes: &[u8]) -> &'a mut [u8] {
    let Some((place, free)) = free.split_at_mut_checked(bytes.len()) else { return &mut [] };
    place.copy_from_slice(bytes);
    free
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packed_text::push_text;

    const INLINE_BYTES: usize = 224;

    #[test]
    fn bytes_are_the_same_inline_and_on_the_heap() {
        for lengths in
            [&[0, 1, 31, 32, 100][..], &[200], &[255], &[256, 3], &[221], &[30; 20], &[70_000]]
        {
            let mut bytes = PackedBytes::<INLINE_BYTES>::default();
            let mut expected = Vec::new();
            for length in lengths {
                let text = "x".repeat(*length);
                let short = bytes.push_short_pair("k", &text);
                let at = short.unwrap_or_else(|| bytes.push_pair("k", &text));
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
        let mut bytes = PackedBytes::<INLINE_BYTES>::default();
        bytes.push_pair("k", &long);
        bytes.remove(0..bytes.as_slice().len());
        bytes.push_pair("a", "b");
        let at = bytes.push_pair("k", &long);
        let mut expected = b"\xa1a\xa1b\xa1k".to_vec();
        push_text(&mut expected, &long);
        assert_eq!((at, bytes.as_slice()), (5, &*expected));
    }
}
