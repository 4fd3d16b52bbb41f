//! The counts of finished spans by their outcome.

/// The numbers of spans that finished since the tracer started, by their outcome.
///
/// Every finished span is counted in exactly one of the fields, as soon as it is handed over for
/// sending: when no span of its trace is open in this process any more, or by partial flush.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Spans that the Datadog Agent accepted.
    pub sent: u64,
    /// Spans that are counted in statistics and not sent, because sampling drops their traces.
    pub sampled_out: u64,
    /// Spans that were lost: the queue was full, the Agent refused them, or the tracer was shut
    /// down.
    pub dropped: u64,
    /// Spans that still wait to be sent, or are being sent: `waiting` of
    /// [`Metrics`](crate::Metrics).
    pub queued: u64,
}

impl Report {
    /// Returns these counts, with no span sampled out.
    pub fn new(sent: u64, dropped: u64, queued: u64) -> Self {
        Self { sent, sampled_out: 0, dropped, queued }
    }

    /// Sets the number of spans that were not sent because of sampling.
    pub fn with_sampled_out(mut self, sampled_out: u64) -> Self {
        self.sampled_out = sampled_out;
        self
    }

    /// Whether no spans are waiting.
    pub fn is_complete(&self) -> bool {
        self.queued == 0
    }
}
