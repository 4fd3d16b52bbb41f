//! Exact counts of spans by their outcome.

use std::fmt;

/// Counts of the spans that a tracer has recorded, since it started.
///
/// A span is counted as soon as it is handed over for sending: when no span of its trace is open in
/// this process any more, by partial flush, by a flush, or because it was dropped. From then on it is
/// in exactly one of the counts, so that at any moment
///
/// ```text
/// finished = sent + sampled_out + dropped.total() + waiting
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Spans that have been handed over for sending.
    pub finished: u64,
    /// Spans that the Datadog Agent accepted.
    pub sent: u64,
    /// Spans of traces that sampling dropped: they are counted instead of sent.
    pub sampled_out: u64,
    /// Spans that were lost, by cause.
    pub dropped: DroppedSpans,
    /// Spans that have been handed over and whose outcome is not known yet: those in the queue, and
    /// those in a request until its response has come or its last attempt is over. Open
    /// spans, and finished ones that their trace holds until others finish, are not among them.
    /// A [`Report`](crate::Report) calls them `queued`.
    pub waiting: u64,
}

/// Counts of lost spans, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DroppedSpans {
    /// The queue was full: spans finished faster than the Datadog Agent accepted them.
    pub queue_full: u64,
    /// The span alone was too large for a request.
    pub too_large: u64,
    /// The Datadog Agent refused the request.
    pub refused: u64,
    /// The Datadog Agent could not be reached, or was too busy at every attempt.
    pub gave_up: u64,
    /// The tracer was shut down.
    pub shut_down: u64,
    /// A processor dropped the trace.
    pub processor: u64,
    /// The processor panicked.
    pub processor_panicked: u64,
}

impl DroppedSpans {
    /// Returns the number of all lost spans.
    pub fn total(&self) -> u64 {
        self.by_cause().map(|(_, count)| count).sum()
    }

    /// Returns each cause by its name, such as `queue_full`, with its count.
    pub fn by_cause(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        let Self {
            queue_full,
            too_large,
            refused,
            gave_up,
            shut_down,
            processor,
            processor_panicked,
        } = *self;
        [
            ("queue_full", queue_full),
            ("too_large", too_large),
            ("refused", refused),
            ("gave_up", gave_up),
            ("shut_down", shut_down),
            ("processor", processor),
            ("processor_panicked", processor_panicked),
        ]
        .into_iter()
    }
}

/// All counts that are not zero, as `finished=13 sent=9 queue_full=4`.
impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "finished={}", self.finished)?;
        let kept = [("sent", self.sent), ("sampled_out", self.sampled_out)];
        let waiting = [("waiting", self.waiting)];
        let counts = kept.into_iter().chain(self.dropped.by_cause()).chain(waiting);
        for (name, count) in counts.filter(|(_, count)| *count > 0) {
            write!(f, " {name}={count}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_shown_unless_they_are_zero() {
        let mut metrics = Metrics { finished: 13, sent: 9, ..Metrics::default() };
        metrics.dropped.queue_full = 3;
        metrics.dropped.refused = 1;
        assert_eq!(metrics.to_string(), "finished=13 sent=9 queue_full=3 refused=1");
        assert_eq!(metrics.dropped.total(), 4);
        assert_eq!(Metrics::default().to_string(), "finished=0");
    }
}
