//! Finds spans that stay open.

use crate::recording::{Tracer, UnfinishedSpan};

impl Tracer {
    /// Returns the spans that have been open too long, the oldest first.
    ///
    /// Empty unless the tracer is configured to watch for them. At most [`MAX_WATCHED_SPANS`](crate::MAX_WATCHED_SPANS) open
    /// spans are watched.
    pub fn unfinished(&self) -> Vec<UnfinishedSpan> {
        let watch = self.backing().and_then(|backing| backing.unfinished.get());
        watch.map(|unfinished| unfinished.list()).unwrap_or_default()
    }
}
