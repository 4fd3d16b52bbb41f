//! The body of a `/v0.6/stats` request: one map with buckets, each with one row for each key.
//!
//! The structs are the schema. Sketches are MessagePack binaries with protobuf in them.

use rmp_serde::encode::Error;
use serde::{Serialize, Serializer};

use super::{bucket::Row, facts::listed_peers, key::Key};
use crate::tags::internal::RUST;

/// The fields that all payloads of a process share.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) hostname: String,
    pub(super) env: String,
    pub(super) version: String,
    pub(super) service: String,
    pub(super) git_commit_sha: String,
    pub(super) process_tags: String,
}

/// A bucket whose time is over, or a part of one.
#[derive(Debug)]
pub(super) struct FullBucket {
    /// Nanoseconds of Unix time.
    pub(super) start: u64,
    /// Nanoseconds.
    pub(super) duration: u64,
    pub(super) rows: Vec<(Key<Box<str>>, Row)>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Payload<'a> {
    hostname: &'a str,
    env: &'a str,
    version: &'a str,
    service: &'a str,
    lang: &'a str,
    tracer_version: &'a str,
    #[serde(rename = "RuntimeID")]
    runtime_id: &'a str,
    sequence: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    git_commit_sha: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    process_tags: &'a str,
    stats: Vec<WireBucket<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireBucket<'a> {
    start: u64,
    duration: u64,
    stats: Vec<WireRow<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireRow<'a> {
    service: &'a str,
    name: &'a str,
    resource: &'a str,
    #[serde(rename = "Type")]
    span_type: &'a str,
    #[serde(rename = "DBType")]
    db_type: &'a str,
    #[serde(rename = "HTTPStatusCode")]
    http_status_code: u32,
    hits: u64,
    errors: u64,
    duration: u64,
    top_level_hits: u64,
    ok_summary: Binary,
    error_summary: Binary,
    synthetics: bool,
    span_kind: &'a str,
    peer_tags: Vec<&'a str>,
    is_trace_root: u8,
    #[serde(rename = "GRPCStatusCode")]
    grpc_status_code: &'a str,
    #[serde(rename = "HTTPMethod")]
    http_method: &'a str,
    #[serde(rename = "HTTPEndpoint")]
    http_endpoint: &'a str,
    #[serde(rename = "srv_src", skip_serializing_if = "str::is_empty")]
    service_source: &'a str,
}

/// Encodes one payload.
pub(super) fn encode(
    header: &Header,
    runtime_id: &str,
    sequence: u64,
    buckets: &[FullBucket],
) -> Result<Vec<u8>, Error> {
    rmp_serde::to_vec_named(&Payload {
        hostname: &header.hostname,
        env: &header.env,
        version: &header.version,
        service: &header.service,
        lang: RUST,
        tracer_version: env!("CARGO_PKG_VERSION"),
        runtime_id,
        sequence,
        git_commit_sha: &header.git_commit_sha,
        process_tags: &header.process_tags,
        stats: buckets.iter().map(WireBucket::of).collect(),
    })
}

impl<'a> WireBucket<'a> {
    fn of(bucket: &'a FullBucket) -> Self {
        let stats = bucket.rows.iter().map(|(key, row)| WireRow::of(key, row)).collect();
        Self { start: bucket.start, duration: bucket.duration, stats }
    }
}

impl<'a> WireRow<'a> {
    fn of(key: &'a Key<Box<str>>, row: &Row) -> Self {
        let key = key.borrowed();
        Self {
            service: key.service,
            name: key.name,
            resource: key.resource,
            span_type: key.span_type,
            db_type: "",
            http_status_code: key.http_status_code,
            hits: row.hits,
            errors: row.errors,
            duration: row.duration,
            top_level_hits: row.top_level_hits,
            ok_summary: Binary(row.ok.encode()),
            error_summary: Binary(row.failed.encode()),
            synthetics: key.is_synthetic,
            span_kind: key.span_kind,
            peer_tags: listed_peers(key.peer_tags).collect(),
            is_trace_root: match key.is_trace_root {
                None => 0,
                Some(true) => 1,
                Some(false) => 2,
            },
            grpc_status_code: key.grpc_status_code,
            http_method: key.http_method,
            http_endpoint: key.http_endpoint,
            service_source: key.service_source,
        }
    }
}

/// Bytes that MessagePack has as such, and not as a list of numbers.
struct Binary(Vec<u8>);

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// About how many bytes a row takes in a payload.
pub(super) fn row_len(key: &Key<Box<str>>, row: &Row) -> usize {
    const NAMES_AND_NUMBERS: usize = 400;
    let key = key.borrowed();
    let texts = [
        key.service,
        key.name,
        key.resource,
        key.span_type,
        key.span_kind,
        key.http_method,
        key.http_endpoint,
        key.peer_tags,
    ];
    let texts = texts.iter().map(|text| text.len()).sum::<usize>();
    NAMES_AND_NUMBERS + texts + row.ok.encoded_len() + row.failed.encoded_len()
}
