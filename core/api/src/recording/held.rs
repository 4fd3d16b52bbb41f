//! The bytes of spans that have finished and not left the process: in open traces, in the queue of
//! an implementation, and being sent.
//!
//! They count the encoded size, with everything that a span shares with others, and the memory of
//! the span itself. A finished span reserves its bytes; its chunk releases them.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use crate::sync::AtomicUsize;

/// 12 MiB: the most bytes of finished spans that a tracer holds. A span that exceeds them when it
/// finishes is dropped and counted.
pub const MAX_HELD_BYTES: usize = 12 << 20;

/// All bytes that a tracer holds.
#[derive(Debug, Default)]
pub(crate) struct HeldBytes {
    all: AtomicUsize,
    /// The bytes among them that wait in open traces.
    in_open_traces: AtomicUsize,
}

impl HeldBytes {
    /// Reserves bytes; returns `false` if there is no room.
    pub(crate) fn take(&self, bytes: usize, max: usize) -> bool {
        let before = self.all.fetch_add(bytes, Relaxed);
        let fits = before.saturating_add(bytes) <= max;
        if !fits {
            self.all.fetch_sub(bytes, Relaxed);
        }
        fits
    }

    /// Counts reserved bytes as part of an open trace.
    pub(crate) fn gather(&self, bytes: usize) {
        self.in_open_traces.fetch_add(bytes, Relaxed);
    }

    /// Counts bytes that leave an open trace.
    pub(crate) fn ungather(&self, bytes: usize) {
        self.in_open_traces.fetch_sub(bytes, Relaxed);
    }

    /// Whether so much is held that open traces should send their finished spans.
    pub(crate) fn is_tight(&self, max: usize) -> bool {
        self.all.load(Relaxed) > max / 4 * 3 && self.in_open_traces.load(Relaxed) > max / 8
    }

    /// Whether open traces have sent enough.
    pub(crate) fn is_relieved(&self, max: usize) -> bool {
        self.in_open_traces.load(Relaxed) <= max / 16
    }

    #[cfg(test)]
    pub(crate) fn all(&self) -> usize {
        self.all.load(Relaxed)
    }
}

/// The bytes of one chunk, which are released with it.
#[derive(Debug)]
pub(crate) struct Held {
    of: Arc<HeldBytes>,
    bytes: usize,
}

impl Held {
    /// Holds bytes that are reserved already.
    pub(crate) fn new(of: &Arc<HeldBytes>, bytes: usize) -> Self {
        Self { of: Arc::clone(of), bytes }
    }

    /// Holds bytes, whether there is room or not: they are in memory already.
    pub(crate) fn again(of: &Arc<HeldBytes>, bytes: usize) -> Self {
        of.all.fetch_add(bytes, Relaxed);
        Self::new(of, bytes)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps the share `kept` of `whole` here and returns the rest.
    pub(crate) fn split(&mut self, kept: usize, whole: usize) -> Self {
        let rest = self.bytes - self.bytes / whole.max(1) * kept.min(whole);
        self.bytes -= rest;
        Self::new(&self.of, rest)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.of.all.fetch_sub(self.bytes, Relaxed);
    }
}
