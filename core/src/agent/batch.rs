//! The chunks that are sent together.

use super::{
    Origin,
    queue::{Queued, Tally},
    wire::{DoesNotFit, Format, Payload},
};
use crate::config::ApiVersion;

/// Chunks that are sent together, and their counts.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) payload: Payload,
    pub(super) tally: Tally,
    /// The chunks of the payload, in case the Agent turns out not to know its format; none in the
    /// format that every Agent knows.
    pub(super) kept: Vec<Queued>,
}

impl Batch {
    /// Without chunks.
    pub(super) fn new() -> Self {
        Self { payload: Payload::new(), tally: Tally::default(), kept: Vec::new() }
    }

    /// Removes all chunks; those that follow are in this format.
    pub(super) fn begin(&mut self, format: Format) {
        self.payload.begin(format);
        self.tally = Tally::default();
        self.kept.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.payload.chunks() == 0
    }

    /// Adds a chunk to the payload; afterwards it goes to [`keep`](Batch::keep).
    ///
    /// # Errors
    /// The chunk does not fit. The number of its spans that would is given back.
    pub(super) fn push(
        &mut self,
        queued: &Queued,
        origin: &Origin,
        max_bytes: usize,
    ) -> Result<(), usize> {
        let pushed = self.payload.push(&queued.chunk, origin, max_bytes);
        pushed.map_err(|DoesNotFit { fitting }| fitting)?;
        self.tally.add(queued.tally);
        Ok(())
    }

    /// Keeps a chunk of the payload if it may be needed again, or drops it.
    pub(super) fn keep(&mut self, queued: Queued) {
        if self.payload.format().version != ApiVersion::V04 {
            self.kept.push(queued);
        }
    }
}
