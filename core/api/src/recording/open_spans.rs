//! A count of a tracer's open spans, so that spans that are never finished cannot fill the memory.
//!
//! A trace reserves room for several spans at a time and releases it when it sends its chunk: two
//! or three operations on the shared counter per trace, not per span.

use std::sync::atomic::Ordering::Relaxed;

use crate::sync::AtomicUsize;

/// 100 000: the most spans of a tracer that are open at once.
///
/// A span beyond that records nothing, is counted, and passes on the context of its parent. This
/// can begin at 12 500 open spans, because a trace that had more than one span open keeps room for
/// eight until it ends.
pub const MAX_OPEN_SPANS: usize = 100_000;

/// The number of spans that the second step of a trace reserves room for; most traces need no
/// third.
const SECOND_STEP: usize = 8;

/// The room that all open traces of a tracer have reserved, in spans.
#[derive(Debug, Default)]
pub(crate) struct OpenSpans(AtomicUsize);

impl OpenSpans {
    /// Reserves room for span number `open + 1` of a trace, which has room for `room` already.
    /// Returns its new room, or `None` if there is none left.
    pub(crate) fn grow(&self, open: usize, room: usize) -> Option<usize> {
        if open < room {
            return Some(room);
        }
        let wanted = if room == 0 { 1 } else { (room * 2).max(SECOND_STEP) };
        [wanted, room + 1].into_iter().find(|&grown| self.take(grown - room))
    }

    /// Releases room that `open` spans do not need; returns the rest.
    pub(crate) fn shrink(&self, open: usize, room: usize) -> usize {
        let needed = match open {
            0 => 0,
            _ if room > SECOND_STEP && open < room / 4 => room / 2,
            _ => return room,
        };
        self.give_back(room - needed);
        needed
    }

    pub(crate) fn give_back(&self, room: usize) {
        if room > 0 {
            self.0.fetch_sub(room, Relaxed);
        }
    }

    /// Returns the reserved room.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.0.load(Relaxed)
    }

    fn take(&self, room: usize) -> bool {
        let taken = self.0.fetch_add(room, Relaxed);
        let fits = taken.saturating_add(room) <= MAX_OPEN_SPANS;
        if !fits {
            self.give_back(room);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        misuse::Misuse,
        recorder::tracer,
        recording::Span,
        values::{SpanContext, SpanId, TraceId},
    };

    #[test]
    fn room_is_reserved_in_steps_and_released() {
        let all = OpenSpans::default();
        let mut room = 0;
        let taken = (0..20).map(|open| {
            room = all.grow(open, room).unwrap();
            room
        });
        let expected = [vec![1], vec![8; 7], vec![16; 8], vec![32; 4]].concat();
        assert_eq!(taken.collect::<Vec<_>>(), expected);
        assert_eq!(all.shrink(8, 32), 32);
        assert_eq!(all.shrink(7, 32), 16);
        assert_eq!(all.shrink(0, 16), 0);
        assert_eq!(all.taken(), 0);
    }

    #[test]
    fn a_span_over_the_limit_passes_on_the_context_of_its_parent() {
        let (tracer, recorder) = tracer();
        let root = tracer.span("root").start();
        let open = (1..MAX_OPEN_SPANS).map(|_| root.child("child").start()).collect::<Vec<_>>();
        assert!(open.iter().all(|span| span.is_recording()));

        let beyond = root.child("beyond").start();
        assert!(!beyond.is_recording());
        assert_eq!((beyond.trace_id(), beyond.span_id()), (root.trace_id(), root.span_id()));
        assert!(beyond.sampling().is_decided(), "what is passed on has a decision");
        beyond.baggage().set("plan", "pro");
        assert_eq!(beyond.child("below").start().baggage().get("plan").as_deref(), Some("pro"));
        assert!(!tracer.span("another root").start().is_recording());
        assert_eq!(recorder.misuses(), [Misuse::TooManyOpenSpans; 2]);

        drop((open, beyond));
        assert!(root.child("again").start().is_recording());
    }

    #[test]
    fn a_root_over_the_limit_passes_on_the_received_context() {
        let (tracer, _recorder) = tracer();
        let root = tracer.span("root").start();
        let _open = (1..MAX_OPEN_SPANS).map(|_| root.child("child").start()).collect::<Vec<_>>();
        let context = SpanContext::new()
            .with_trace(TraceId::new(7).unwrap(), SpanId::new(9))
            .with_trace_tags([("_dd.p.dm", "-4")].into_iter().collect())
            .with_baggage([("plan", "pro")].into_iter().collect());
        let beyond = tracer.span("beyond").child_of(&context).start();
        assert_eq!(beyond.context(), context);
    }

    #[test]
    fn spans_that_can_no_longer_be_finished_take_no_room() {
        let (tracer, _recorder) = tracer();
        for _ in 0..=MAX_OPEN_SPANS {
            let span: Span = tracer.span("forgotten").start().release();
            assert!(span.is_recording());
        }
    }
}
