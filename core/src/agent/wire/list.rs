//! A MessagePack array in the making, behind a header of fixed length, so that the number of its
//! items need not be known beforehand.

use std::iter::repeat_n;

/// `array 32` of MessagePack: a marker and a length of four bytes.
const ARRAY_32: u8 = 0xdd;
const HEADER_BYTES: usize = 5;

/// Encoded items, and their number.
#[derive(Debug)]
pub(super) struct ListBuffer {
    /// The header, which is filled in at the end, and the items.
    bytes: Vec<u8>,
    count: u32,
}

impl ListBuffer {
    pub(super) fn new() -> Self {
        let mut list = Self { bytes: Vec::new(), count: 0 };
        list.clear();
        list
    }

    pub(super) fn clear(&mut self) {
        self.truncate(0, 0);
        self.bytes.extend(repeat_n(0, HEADER_BYTES));
    }

    pub(super) fn truncate(&mut self, count: u32, bytes: usize) {
        self.bytes.truncate(bytes);
        self.count = count;
    }

    /// The place of the next item; [`add`](ListBuffer::add) counts it.
    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    pub(super) fn add(&mut self) {
        self.count += 1;
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// In bytes, the header included.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn finish(&mut self) -> &[u8] {
        let [a, b, c, d] = self.count.to_be_bytes();
        for (byte, value) in self.bytes.iter_mut().zip([ARRAY_32, a, b, c, d]) {
            *byte = value;
        }
        &self.bytes
    }

    pub(super) fn shrink(&mut self, bytes: usize) {
        self.bytes.shrink_to(bytes);
    }
}
