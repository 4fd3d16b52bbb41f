//! Tags between tracers and the Datadog Agent; applications do not need them.

use packdog_api::{implementation::Decision, names};

/// The sampling priority of the chunk, as a number.
pub const SAMPLING_PRIORITY: &str = "_sampling_priority_v1";
/// The product that started the trace.
pub const ORIGIN: &str = "_dd.origin";
/// The last Datadog span before this service, if services of other vendors are in between.
pub const PARENT_ID: &str = "_dd.parent_id";
/// The problem that was found in the headers.
pub const PROPAGATION_ERROR: &str = names::PROPAGATION_ERROR;
/// `1` on the first span of each service.
pub const TOP_LEVEL: &str = "_dd.top_level";
/// `1` on spans that get statistics of their own.
pub const MEASURED: &str = "_dd.measured";
/// `0` or more on a span that was sent before its end and will be sent again.
pub const PARTIAL_VERSION: &str = "_dd.partial_version";
/// The integration, or `m` for the code of the application, that named the service of a span.
pub const SERVICE_SOURCE: &str = "_dd.svc_src";
/// A rate for single spans of an older product; the Datadog Agent keeps spans that have it.
pub const ANALYTICS_RATE: &str = "_dd1.sr.eausr";
/// The service of the process, on spans of other services.
pub const BASE_SERVICE: &str = "_dd.base_service";
/// A UUID of this process.
pub const RUNTIME_ID: &str = "runtime-id";
/// The language of the tracer.
pub const LANGUAGE: &str = "language";
/// The language of this tracer, as Datadog calls it.
#[cfg(feature = "agent")]
pub(crate) const RUST: &str = "rust";
/// The process id of the operating system, as a number.
pub const PROCESS_ID: &str = "process_id";
/// The prefix of the names of trace tags, which travel with the trace.
pub(crate) const TRACE_TAG_PREFIX: &str = "_dd.p.";
/// The sample rate of the trace, if Knuth's hash decided: a trace tag, as a text.
pub const KNUTH_SAMPLE_RATE: &str = "_dd.p.ksr";
/// The marker of the organisation that the trace went through last: a trace tag.
pub const ORG_MARKER: &str = "_dd.p.opm";
/// The rate of a rule or of `DD_TRACE_SAMPLE_RATE`, as a number on the local root.
pub const RULE_SAMPLE_RATE: &str = Decision::RULE_RATE;
/// The share of traces that the limiter recently kept, as a number on the local root.
pub const LIMIT_SAMPLE_RATE: &str = Decision::LIMIT_RATE;
/// The rate that the Datadog Agent set, as a number on the local root.
pub const AGENT_SAMPLE_RATE: &str = Decision::AGENT_RATE;
/// The mechanism that kept a single span of a dropped trace, as a number.
pub const SPAN_SAMPLING_MECHANISM: &str = "_dd.span_sampling.mechanism";
/// The rate of the rule that kept a single span of a dropped trace, as a number.
pub const SPAN_SAMPLING_RATE: &str = "_dd.span_sampling.rule_rate";
/// The limit of the rule that kept a single span of a dropped trace, if it has one, as a number.
pub const SPAN_SAMPLING_LIMIT: &str = "_dd.span_sampling.max_per_second";
/// The host, on the local root, if reporting it is enabled.
pub const HOSTNAME: &str = "_dd.hostname";
/// The address of the repository that the program was built from, on the first span of a chunk.
pub const GIT_REPOSITORY_URL: &str = "_dd.git.repository_url";
/// The commit that the program was built from, on the first span of a chunk.
pub const GIT_COMMIT_SHA: &str = "_dd.git.commit.sha";
/// Facts about the process: sorted `key:value` pairs, on the first span of a chunk.
pub const PROCESS_TAGS: &str = "_dd.tags.process";
/// The links of a span as JSON, for formats without a field for them.
pub const SPAN_LINKS: &str = "_dd.span_links";
/// The events of a span as JSON, for formats and Agents without a field for them.
pub const EVENTS: &str = "events";
/// `true` on a span whose ids a comment of its SQL statement carries.
pub const DBM_TRACE_INJECTED: &str = "_dd.dbm_trace_injected";
/// The tag that `peer.service` was taken from.
pub const PEER_SERVICE_SOURCE: &str = "_dd.peer.service.source";
/// The value of `peer.service` before it was renamed.
pub const PEER_SERVICE_REMAPPED_FROM: &str = "_dd.peer.service.remapped_from";
