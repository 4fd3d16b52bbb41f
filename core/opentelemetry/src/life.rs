//! Whether a tracer provider was shut down, as it and its tracers know it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[derive(Debug, Default)]
pub(crate) struct Life {
    is_over: AtomicBool,
}

impl Life {
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Relaxed)
    }

    /// Shuts it down; returns `false` if it was shut down before.
    pub(crate) fn end(&self) -> bool {
        !self.is_over.swap(true, Relaxed)
    }
}
