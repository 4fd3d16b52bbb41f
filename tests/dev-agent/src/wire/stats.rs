//! `/v0.6/stats`: one map with buckets of ten seconds, each with one row per group of spans.
//!
//! Rows carry two sketches as protobuf; [`super::sketch`] decodes them. Unknown keys are refused.

use serde::Deserialize;

use super::{
    Refusal, sketch,
    strict::{self, List, Record, Text},
};
use crate::stats::{Sketch, StatsBucket, StatsPayload, StatsRow};

/// Decodes the body of a `/v0.6/stats` request.
///
/// # Errors
/// The first thing that breaks the format.
pub fn decode(body: &[u8]) -> Result<StatsPayload, Refusal> {
    let Record(payload): Record<WirePayload> = strict::decode(body)?;
    let buckets = payload.stats.0.into_iter().map(|Record(bucket)| bucket.into());
    Ok(StatsPayload {
        hostname: payload.hostname.0,
        env: payload.env.0,
        version: payload.version.0,
        service: payload.service.0,
        lang: payload.lang.0,
        tracer_version: payload.tracer_version.0,
        runtime_id: payload.runtime_id.0,
        sequence: payload.sequence,
        buckets: buckets.collect(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct WirePayload {
    hostname: Text,
    env: Text,
    version: Text,
    #[serde(default)]
    service: Text,
    #[serde(default)]
    lang: Text,
    #[serde(default)]
    tracer_version: Text,
    #[serde(rename = "RuntimeID")]
    runtime_id: Text,
    sequence: u64,
    #[serde(default, rename = "GitCommitSha")]
    _git_commit_sha: Text,
    #[serde(default, rename = "ProcessTags")]
    _process_tags: Text,
    #[serde(default, rename = "ProcessTagsHash")]
    _process_tags_hash: u64,
    #[serde(default, rename = "ContainerID")]
    _container_id: Text,
    #[serde(default, rename = "AgentAggregation")]
    _agent_aggregation: Text,
    #[serde(default, rename = "ImageTag")]
    _image_tag: Text,
    #[serde(default, rename = "Tags")]
    _tags: List<Text>,
    stats: List<Record<WireBucket>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct WireBucket {
    start: u64,
    duration: u64,
    #[serde(default, rename = "AgentTimeShift")]
    _agent_time_shift: i64,
    stats: List<Record<WireRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct WireRow {
    service: Text,
    name: Text,
    resource: Text,
    #[serde(rename = "Type")]
    span_type: Text,
    #[serde(default, rename = "DBType")]
    _db_type: Text,
    #[serde(rename = "HTTPStatusCode")]
    http_status_code: u32,
    hits: u64,
    errors: u64,
    duration: u64,
    top_level_hits: u64,
    ok_summary: WireSketch,
    error_summary: WireSketch,
    synthetics: bool,
    span_kind: Text,
    #[serde(default)]
    peer_tags: List<Text>,
    #[serde(default)]
    is_trace_root: u8,
    #[serde(default, rename = "GRPCStatusCode")]
    grpc_status_code: Text,
    #[serde(default, rename = "HTTPMethod")]
    http_method: Text,
    #[serde(default, rename = "HTTPEndpoint")]
    http_endpoint: Text,
    #[serde(default, rename = "srv_src")]
    _service_source: Text,
    #[serde(default, rename = "SpanDerivedPrimaryTags")]
    _primary_tags: List<Text>,
    #[serde(default, rename = "AdditionalMetricTags")]
    _metric_tags: List<Text>,
}

/// A `bin` that holds a sketch.
#[derive(Deserialize)]
#[serde(try_from = "strict::Bytes")]
struct WireSketch(Sketch);

impl TryFrom<strict::Bytes> for WireSketch {
    type Error = &'static str;

    fn try_from(bytes: strict::Bytes) -> Result<Self, Self::Error> {
        sketch::decode(&bytes.0).map(Self)
    }
}

impl From<WireBucket> for StatsBucket {
    fn from(wire: WireBucket) -> Self {
        let rows = wire.stats.0.into_iter().map(|Record(row)| row.into());
        Self { start: wire.start, duration: wire.duration, rows: rows.collect() }
    }
}

impl From<WireRow> for StatsRow {
    fn from(wire: WireRow) -> Self {
        Self {
            service: wire.service.0,
            name: wire.name.0,
            resource: wire.resource.0,
            span_type: wire.span_type.0,
            http_status_code: wire.http_status_code,
            hits: wire.hits,
            errors: wire.errors,
            duration: wire.duration,
            top_level_hits: wire.top_level_hits,
            ok_summary: wire.ok_summary.0,
            error_summary: wire.error_summary.0,
            synthetics: wire.synthetics,
            span_kind: wire.span_kind.0,
            peer_tags: wire.peer_tags.0.into_iter().map(|Text(tag)| tag).collect(),
            is_trace_root: wire.is_trace_root,
            grpc_status_code: wire.grpc_status_code.0,
            http_method: wire.http_method.0,
            http_endpoint: wire.http_endpoint.0,
        }
    }
}
