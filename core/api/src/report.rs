//! What became of finished spans.

/// How many finished spans were sent, dropped, or still wait; counted since the tracer started.
///
/// Every finished span is counted in exactly one of the three, from the moment at which it leaves
/// its trace: when no span of that is open in this process any more, or by partial flush.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Spans that the Datadog Agent accepted.
    pub sent: u64,
    /// Spans given up: the queue was full, the Agent refused them, or the tracer was shut down.
    pub dropped: u64,
    /// Spans that still wait, or are on their way.
    pub queued: u64,
}

impl Report {
    /// These counts.
    pub fn new(sent: u64, dropped: u64, queued: u64) -> Self {
        Self { sent, dropped, queued }
    }

    /// Whether nothing waits any more.
    pub fn is_complete(&self) -> bool {
        self.queued == 0
    }
}
