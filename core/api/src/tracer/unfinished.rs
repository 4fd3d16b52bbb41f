//! Finding spans that stay open.

use crate::recording::{Tracer, UnfinishedSpan};

impl Tracer {
    /// The spans that are open too long, the oldest first.
    ///
    /// Empty unless the tracer was told to watch for them. At most [`MAX_WATCHED_SPANS`](crate::MAX_WATCHED_SPANS) open
    /// spans are watched.
    pub fn unfinished(&self) -> Vec<UnfinishedSpan> {
        let watch = self.backing().and_then(|backing| backing.unfinished.get());
        watch.map(|unfinished| unfinished.list()).unwrap_or_default()
    }
}
