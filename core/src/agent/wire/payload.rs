//! A body in the making: chunks are encoded one by one into one buffer that is used again.
//!
//! ```text
//! v0.4  [chunk, ..]
//! v0.5  [[text, ..], [chunk, ..]]
//! ```

use packdog_api::implementation::Chunk;
use rmp_serde::encode::Error;

use super::{
    format::Format,
    list::ListBuffer,
    pack,
    span::{Tags, WireSpan},
    strings::Strings,
    tags::{ChunkTags, Origin},
    v04, v05,
};
use crate::config::ApiVersion;

/// An array of the list of texts and that of the chunks.
const PAIR: u8 = 0x92;

/// The most memory that each buffer besides the encoded chunks keeps between two bodies; only `v0.5`
/// uses them.
const KEPT_BYTES: usize = 1 << 20;

/// A body in the making.
#[derive(Debug)]
pub(crate) struct Payload {
    format: Format,
    chunks: ListBuffer,
    /// Those of the chunks, in `v0.5`.
    strings: Strings,
    scratch: v04::Scratch,
    /// Texts and chunks together.
    body: Vec<u8>,
}

impl Payload {
    pub(crate) fn new() -> Self {
        Self {
            format: Format::default(),
            chunks: ListBuffer::new(),
            strings: Strings::new(),
            scratch: v04::Scratch::default(),
            body: Vec::new(),
        }
    }

    /// Removes all chunks and keeps the memory; those that follow are in this format.
    pub(crate) fn begin(&mut self, format: Format) {
        self.format = format;
        self.chunks.clear();
        self.strings.clear();
        self.body.clear();
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Adds a chunk, or nothing if the body would be longer than `max_bytes` then.
    ///
    /// # Errors
    /// The chunk does not fit.
    pub(crate) fn push(
        &mut self,
        chunk: &Chunk,
        origin: &Origin,
        max_bytes: usize,
    ) -> Result<(), DoesNotFit> {
        let shared = ChunkTags::of(chunk, origin);
        self.push_spans(chunk.len(), max_bytes, |payload, index| match chunk.span(index) {
            Some(span) => payload.encode(&shared.span(&span, index == 0), max_bytes),
            None => Ok(()),
        })
    }

    /// Adds a chunk of `count` spans, each of which `encode` adds.
    pub(super) fn push_spans(
        &mut self,
        count: usize,
        max_bytes: usize,
        mut encode: impl FnMut(&mut Self, usize) -> Result<(), Error>,
    ) -> Result<(), DoesNotFit> {
        let (chunks, bytes) = (self.chunks.count(), self.chunks.len());
        let texts = (self.strings.encoded().count(), self.strings.encoded().len());
        pack::array(self.chunks.bytes_mut(), count as u32);
        for index in 0..count {
            if encode(self, index).is_err() || self.len() > max_bytes {
                self.chunks.truncate(chunks, bytes);
                self.strings.truncate(texts.0, texts.1);
                return Err(DoesNotFit { fitting: index });
            }
        }
        self.chunks.add();
        Ok(())
    }

    pub(super) fn encode(
        &mut self,
        span: &WireSpan<'_, impl Tags>,
        max_bytes: usize,
    ) -> Result<(), Error> {
        let Self { format, chunks, strings, scratch, .. } = self;
        let buffer = chunks.bytes_mut();
        match format.version {
            ApiVersion::V04 => v04::encode(span, *format, max_bytes, scratch, buffer),
            ApiVersion::V05 => {
                v05::encode(span, *format, max_bytes, strings, &mut scratch.numbers, buffer);
                Ok(())
            }
        }
    }

    /// The number of bytes.
    pub(crate) fn len(&self) -> usize {
        match self.format.version {
            ApiVersion::V04 => self.chunks.len(),
            ApiVersion::V05 => 1 + self.strings.encoded().len() + self.chunks.len(),
        }
    }

    /// The number of chunks.
    pub(crate) fn chunks(&self) -> u32 {
        self.chunks.count()
    }

    /// The whole body.
    pub(crate) fn finish(&mut self) -> &[u8] {
        let chunks = self.chunks.finish();
        match self.format.version {
            ApiVersion::V04 => chunks,
            ApiVersion::V05 => {
                self.body.clear();
                self.body.push(PAIR);
                self.body.extend_from_slice(self.strings.finish());
                self.body.extend_from_slice(chunks);
                &self.body
            }
        }
    }

    /// Gives back the memory that an unusually long body took; the encoded chunks keep `bytes` of it.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        self.chunks.shrink(bytes);
        self.strings.shrink(KEPT_BYTES);
        self.body.shrink_to(KEPT_BYTES);
    }
}

/// A chunk is too long for the rest of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DoesNotFit {
    /// The number of its first spans that would fit.
    pub(crate) fitting: usize,
}
