//! Exact counts of spans, by what became of them.

/// Counts of the spans that a tracer has recorded, since it started.
///
/// Each span is counted from the moment at which it leaves its trace: when no span of that is open
/// in this process any more, or by partial flush. Then it is in exactly one of the counts, so that
/// at any moment
///
/// ```text
/// finished = sent + sampled_out + dropped.total() + waiting
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Spans that have left their traces.
    pub finished: u64,
    /// Spans that the Datadog Agent accepted.
    pub sent: u64,
    /// Spans of traces that sampling did not keep, and that were counted instead of sent.
    pub sampled_out: u64,
    /// Spans that were lost, by cause.
    pub dropped: DroppedSpans,
    /// Spans that wait, or are on their way.
    pub waiting: u64,
}

/// Counts of lost spans, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DroppedSpans {
    /// There was no room: more spans finished than the Datadog Agent accepted in the same time.
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
        let Self {
            queue_full,
            too_large,
            refused,
            gave_up,
            shut_down,
            processor,
            processor_panicked,
        } = *self;
        [queue_full, too_large, refused, gave_up, shut_down, processor, processor_panicked]
            .into_iter()
            .sum()
    }
}
