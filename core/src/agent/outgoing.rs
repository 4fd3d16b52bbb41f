//! The way of a finished chunk to the wire: counted, and sampled out where the Agent leaves that
//! to the tracer.
//!
//! ```text
//! finished chunk ──▶ statistics ──▶ single spans marked ──▶ sampled out ──▶ encoded
//! ```
//! While the tracer computes statistics, it sends a chunk whole if its trace is kept or one of its
//! spans has an error, which the Datadog Agent samples by itself. Of all others it sends the marked
//! spans, as a chunk that is kept. Otherwise it sends everything: the Agent counts, and then drops.

use std::time::{Instant, SystemTime};

use packdog_api::{
    SamplingPriority,
    implementation::{Chunk, KeyBits},
};

use super::process;
use crate::{
    Config,
    sampling::SpanSampler,
    stats::{StatsBody, StatsComputation, StatsInfo},
    tags::internal,
};

/// The steps that chunks go through before they are encoded.
#[derive(Debug)]
pub(super) struct Outgoing {
    stats: StatsComputation,
    span_sampler: SpanSampler,
    left_out: LeftOut,
}

/// Chunks that sampling left out entirely, and all spans that it left out, since the last request
/// that told the Agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    pub(super) chunks: u64,
    pub(super) spans: u64,
}

impl Outgoing {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            stats: StatsComputation::new(config, process::tags(config)),
            span_sampler: SpanSampler::new(config, Instant::now()),
            left_out: LeftOut::default(),
        }
    }

    /// Computes statistics as long as the Agent offers that.
    pub(super) fn follow(&mut self, (info, takes_stats): (&StatsInfo, bool)) {
        self.stats.follow(info, takes_stats);
    }

    /// Counts a chunk, whose spans ended before `now`, and removes the spans that are not sent;
    /// returns their number.
    pub(super) fn pass(&mut self, chunk: &mut Chunk, now: SystemTime) -> usize {
        if !self.stats.is_active() {
            self.span_sampler.mark(chunk, Instant::now);
            return 0;
        }
        let spans = chunk.len();
        // The Agent would drop the trace, and wants to hear of it in no way.
        if self.stats.filters(chunk) {
            chunk.clear();
            return spans;
        }
        self.stats.count(chunk, now);
        self.span_sampler.mark(chunk, Instant::now);
        let left_out = sample_out(chunk);
        self.left_out.chunks += u64::from(left_out == spans);
        self.left_out.spans += left_out as u64;
        left_out
    }

    /// Returns the counts of spans left out since the last request, if the tracer computes
    /// statistics.
    pub(super) fn left_out(&self) -> Option<LeftOut> {
        self.stats.is_active().then_some(self.left_out)
    }

    /// Resets the counts of spans left out, after the Agent has received them.
    pub(super) fn told_left_out(&mut self) {
        self.left_out = LeftOut::default();
    }

    /// Whether there are statistics to be sent.
    pub(super) fn has_stats(&self) -> bool {
        self.stats.has_spans()
    }

    /// Takes the statistics whose time is over, or all of them.
    pub(super) fn take_stats(&mut self, now: SystemTime, with_open_ones: bool) -> Vec<StatsBody> {
        self.stats.take(now, with_open_ones, process::runtime_id())
    }
}

/// The numbers of spans that are kept by themselves.
const KEPT_BY: [&str; 2] = [internal::SPAN_SAMPLING_MECHANISM, internal::ANALYTICS_RATE];
const KEPT_BY_BITS: KeyBits = KeyBits::of_all(&KEPT_BY);

/// Keeps the sampled spans of a chunk; returns the number of removed ones.
fn sample_out(chunk: &mut Chunk) -> usize {
    if chunk.sampling_priority().is_none_or(SamplingPriority::is_kept) {
        return 0;
    }
    let mut may_keep_some = false;
    for span in chunk.spans() {
        if span.is_error() {
            return 0;
        }
        may_keep_some |= span.key_bits().overlaps(KEPT_BY_BITS);
    }
    let spans = chunk.len();
    if may_keep_some {
        chunk.retain(|span| KEPT_BY.iter().any(|key| span.tag(key).is_some()));
    } else {
        chunk.clear(); // Nearly always.
    }
    chunk.set_sampling_priority(SamplingPriority::USER_KEEP);
    spans - chunk.len()
}
