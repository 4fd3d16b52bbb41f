//! Finishing spans.

use std::{sync::Arc, time::SystemTime};

use super::{Clock, Kind, Recording, Span};
use crate::unix_time::unix_nanos;

impl Span {
    /// Ends the span now; later calls do nothing.
    pub fn finish(&self) {
        self.finish_with(Clock::now);
    }

    /// Ends the span as if at `time`; later calls do nothing.
    ///
    /// A time before the start makes a span of the shortest length, 1 ns.
    pub fn finish_at(&self, time: SystemTime) {
        self.finish_with(|_| unix_nanos(time));
    }

    /// Ends the span and all its open local ancestors, up to the local root.
    ///
    /// If an ancestor has finished, left the process and has no handles any more, the spans between
    /// it and the local root are not found and stay open.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use packdog::span;
    ///
    /// let party = span("party").start();
    /// let alarm = party.child("alarm.ring").start();
    /// alarm.finish_with_ancestors(); // The party is over, too.
    /// ```
    pub fn finish_with_ancestors(&self) {
        self.finish();
        let Some(span) = self.recording() else { return };
        let mut above = span.record.parent.upgrade();
        while let Some(record) = above {
            above = record.parent.upgrade();
            Self(Kind::Recording(Recording { record, trace: Arc::clone(&span.trace) })).finish();
        }
        self.root().finish();
    }

    fn finish_with(&self, end: impl FnOnce(&Clock) -> i64) {
        let Some(Recording { record, trace }) = self.recording() else { return };
        let mut held = None;
        let take_room = |bytes| {
            held = trace.take_room(record, bytes);
            held.is_some()
        };
        if let Some(state) = record.finish(|| end(&trace.clock), take_room) {
            trace.close(record, state, held);
        }
    }
}
