//! Received statistics, with the quantiles of their sketches.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// The most payloads that are kept; older ones are only counted. At one in ten seconds, they cover
/// hours.
const MAX_PAYLOADS: usize = 1_000;

/// The newest payloads.
#[derive(Debug, Default)]
pub(crate) struct KeptStats {
    /// Payloads since the start.
    pub(crate) seen: usize,
    kept: VecDeque<StatsPayload>,
}

impl KeptStats {
    pub(crate) fn add(&mut self, payload: StatsPayload) {
        if self.kept.len() == MAX_PAYLOADS {
            self.kept.pop_front();
        }
        self.kept.push_back(payload);
        self.seen += 1;
    }

    pub(crate) fn payloads(&self) -> Vec<StatsPayload> {
        self.kept.iter().cloned().collect()
    }
}

/// The body of one `/v0.6/stats` request.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StatsPayload {
    /// Name of the host, empty unless it is reported.
    pub hostname: String,
    /// Environment of the service.
    pub env: String,
    /// Version of the service.
    pub version: String,
    /// Service of the process.
    pub service: String,
    /// Language of the tracer.
    pub lang: String,
    /// Version of the tracer.
    pub tracer_version: String,
    /// The process.
    pub runtime_id: String,
    /// Grows by one with each payload of the process.
    pub sequence: u64,
    /// In the order of the payload.
    pub buckets: Vec<StatsBucket>,
}

/// The spans that ended in the same ten seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StatsBucket {
    /// Nanoseconds since 1970.
    pub start: u64,
    /// Nanoseconds.
    pub duration: u64,
    /// One row per group.
    pub rows: Vec<StatsRow>,
}

/// Spans that are alike in all of the texts below.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StatsRow {
    /// The service that did the work.
    pub service: String,
    /// The operation name.
    pub name: String,
    /// The resource.
    pub resource: String,
    /// `web`, `http`, …
    #[serde(rename = "type")]
    pub span_type: String,
    /// 0 if there is none.
    pub http_status_code: u32,
    /// Number of spans.
    pub hits: u64,
    /// Number of failed spans.
    pub errors: u64,
    /// Sum of the durations in nanoseconds.
    pub duration: u64,
    /// Number of top-level spans.
    pub top_level_hits: u64,
    /// Durations of spans that did not fail.
    pub ok_summary: Sketch,
    /// Durations of failed spans.
    pub error_summary: Sketch,
    /// Whether the traces come from synthetic tests.
    pub synthetics: bool,
    /// `server`, `client`, …
    pub span_kind: String,
    /// `key:value` of the peer.
    pub peer_tags: Vec<String>,
    /// 0 unknown, 1 yes, 2 no.
    pub is_trace_root: u8,
    /// Empty if there is none.
    pub grpc_status_code: String,
    /// Empty if there is none.
    pub http_method: String,
    /// Empty if there is none.
    pub http_endpoint: String,
}

/// A distribution of durations in nanoseconds: counts in bins whose bounds grow by the factor `gamma`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sketch {
    /// Ratio of the bounds of a bin.
    pub gamma: f64,
    /// Index of the bin of duration 1.
    pub index_offset: f64,
    /// Counts by index.
    pub bins: BTreeMap<i32, f64>,
    /// Number of durations of 0.
    pub zero_count: f64,
}

impl Sketch {
    /// Returns the number of durations.
    pub fn count(&self) -> f64 {
        self.zero_count + self.bins.values().sum::<f64>()
    }

    /// Adds the durations of a sketch with the same mapping.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.count() == 0.0 {
            return; // An empty one may come without a mapping.
        }
        (self.gamma, self.index_offset) = (other.gamma, other.index_offset);
        self.zero_count += other.zero_count;
        for (index, count) in &other.bins {
            *self.bins.entry(*index).or_default() += count;
        }
    }

    /// Returns about the duration below which the fraction `quantile` of all lies; `None` if there are none.
    pub fn quantile(&self, quantile: f64) -> Option<f64> {
        let rank = quantile * (self.count() - 1.0).max(0.0);
        if self.count() == 0.0 {
            return None;
        }
        let mut below = self.zero_count;
        if below > rank {
            return Some(0.0);
        }
        for (index, count) in &self.bins {
            below += count;
            if below > rank {
                let lower = ((f64::from(*index) - self.index_offset) * self.gamma.ln()).exp();
                return Some(lower * 2.0 * self.gamma / (1.0 + self.gamma));
            }
        }
        None
    }
}
