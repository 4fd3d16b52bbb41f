//! A body in the making: chunks are encoded one by one into one buffer that is used again.
//!
//! They stand behind a header of fixed length, so that their number need not be known beforehand.

use std::iter::repeat_n;

use packdog_api::implementer::Chunk;
use rmp_serde::encode::Error;
use serde::Serialize;

use super::{tags::Origin, v04::ChunkSpans};

/// `array 32` of MessagePack: a marker and a length of four bytes.
const ARRAY_32: u8 = 0xdd;
const HEADER_BYTES: usize = 5;

/// A body in the making.
#[derive(Debug)]
pub(crate) struct Payload {
    /// The header, whose length is filled in at the end, and the encoded chunks.
    buffer: Vec<u8>,
    chunks: u32,
}

impl Payload {
    pub(crate) fn new() -> Self {
        let mut payload = Self { buffer: Vec::new(), chunks: 0 };
        payload.clear();
        payload
    }

    /// Removes all chunks and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.buffer.clear();
        self.buffer.extend(repeat_n(0, HEADER_BYTES));
        self.chunks = 0;
    }

    /// Adds a chunk, and removes it again if the body would be longer than `max_bytes` then.
    ///
    /// # Errors
    /// The chunk does not fit.
    pub(crate) fn push(
        &mut self,
        chunk: &Chunk,
        origin: &Origin,
        max_bytes: usize,
    ) -> Result<(), DoesNotFit> {
        let before = self.buffer.len();
        let encoded = self.encode(chunk, origin);
        if encoded.is_err() || self.buffer.len() > max_bytes {
            self.buffer.truncate(before);
            return Err(DoesNotFit);
        }
        self.chunks += 1;
        Ok(())
    }

    fn encode(&mut self, chunk: &Chunk, origin: &Origin) -> Result<(), Error> {
        let mut serializer = rmp_serde::Serializer::new(&mut self.buffer).with_struct_map();
        ChunkSpans::of(chunk, origin).serialize(&mut serializer)
    }

    /// The number of chunks.
    pub(crate) fn chunks(&self) -> u32 {
        self.chunks
    }

    /// The whole body.
    pub(crate) fn finish(&mut self) -> &[u8] {
        let [a, b, c, d] = self.chunks.to_be_bytes();
        for (byte, value) in self.buffer.iter_mut().zip([ARRAY_32, a, b, c, d]) {
            *byte = value;
        }
        &self.buffer
    }

    /// Gives memory back that an unusually long body took.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        self.buffer.shrink_to(bytes);
    }
}

/// A chunk is too long for the rest of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DoesNotFit;
