//! The two formats of trace payloads, decoded strictly into the one model, and that of statistics.
//!
//! ```text
//! bytes ──strict types──▶ v04::WireSpan ─┐
//!                         v05::WireSpan ─┴─▶ Vec<Span> ──what a chunk must be──▶ Chunk
//! ```
//! Formats: [trace intake of the Datadog Agent](https://docs.datadoghq.com/tracing/guide/send_traces_to_agent_by_api/).

mod chunk;
mod json;
mod refusal;
mod sketch;
mod stats;
mod strict;
mod v04;
mod v05;

pub use self::{
    refusal::Refusal, stats::decode as decode_stats, v04::decode as decode_v04,
    v05::decode as decode_v05,
};

/// The most bytes of a body: the Agent's default `apm_config.max_payload_size`.
pub(crate) const MAX_BODY_BYTES: usize = 25 * 1024 * 1024;

#[cfg(test)]
mod tests;
