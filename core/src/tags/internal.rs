//! Tags between tracers and the Datadog Agent; applications have no use for them.

/// The sampling priority of the chunk, as a number.
pub const SAMPLING_PRIORITY: &str = "_sampling_priority_v1";
/// The product that started the trace.
pub const ORIGIN: &str = "_dd.origin";
/// The last Datadog span before this service, where other vendors lie between.
pub const PARENT_ID: &str = "_dd.parent_id";
/// What went wrong with the headers.
pub const PROPAGATION_ERROR: &str = "_dd.propagation_error";
/// `1` on the first span of each service.
pub const TOP_LEVEL: &str = "_dd.top_level";
/// `1` on spans that want statistics of their own.
pub const MEASURED: &str = "_dd.measured";
/// `0` or more on a span that has been sent before its end and will come again.
pub const PARTIAL_VERSION: &str = "_dd.partial_version";
/// The integration, or `m` for the code of the application, that named the service of a span.
pub const SERVICE_SOURCE: &str = "_dd.svc_src";
/// A rate for single spans of an older product; the Datadog Agent keeps spans that have it.
pub const ANALYTICS_RATE: &str = "_dd1.sr.eausr";
/// The service of the process, on spans of another one.
pub const BASE_SERVICE: &str = "_dd.base_service";
/// A UUID of this process.
pub const RUNTIME_ID: &str = "runtime-id";
/// The language of the tracer.
pub const LANGUAGE: &str = "language";
/// The process id of the operating system, as a number.
pub const PROCESS_ID: &str = "process_id";
/// The rate that the trace was sampled by, where Knuth's hash decided: a trace tag, as a text.
pub const KNUTH_SAMPLE_RATE: &str = "_dd.p.ksr";
/// The marker of the organisation that the trace went through last: a trace tag.
pub const ORG_MARKER: &str = "_dd.p.opm";
/// The rate of a rule or of `DD_TRACE_SAMPLE_RATE`, as a number on the local root.
pub const RULE_SAMPLE_RATE: &str = "_dd.rule_psr";
/// The part of the traces that the limiter kept lately, as a number on the local root.
pub const LIMIT_SAMPLE_RATE: &str = "_dd.limit_psr";
/// The rate that the Datadog Agent asked for, as a number on the local root.
pub const AGENT_SAMPLE_RATE: &str = "_dd.agent_psr";
/// The mechanism that kept a single span of a dropped trace, as a number.
pub const SPAN_SAMPLING_MECHANISM: &str = "_dd.span_sampling.mechanism";
/// The rate of the rule that kept a single span of a dropped trace, as a number.
pub const SPAN_SAMPLING_RATE: &str = "_dd.span_sampling.rule_rate";
/// The limit of the rule that kept a single span of a dropped trace, if it has one, as a number.
pub const SPAN_SAMPLING_LIMIT: &str = "_dd.span_sampling.max_per_second";
/// The host, on the local root, where it was asked for.
pub const HOSTNAME: &str = "_dd.hostname";
/// The address of the repository that the program was built from, on the first span of a chunk.
pub const GIT_REPOSITORY_URL: &str = "_dd.git.repository_url";
/// The commit that the program was built from, on the first span of a chunk.
pub const GIT_COMMIT_SHA: &str = "_dd.git.commit.sha";
/// What the process is: `key:value` pairs, sorted, on the first span of a chunk.
pub const PROCESS_TAGS: &str = "_dd.tags.process";
/// The links of a span as JSON, where a format has no field for them.
pub const SPAN_LINKS: &str = "_dd.span_links";
/// The events of a span as JSON, where a format or an Agent has no field for them.
pub const EVENTS: &str = "events";
/// The tag that `peer.service` was taken from.
pub const PEER_SERVICE_SOURCE: &str = "_dd.peer.service.source";
/// What `peer.service` was before it was given another name.
pub const PEER_SERVICE_REMAPPED_FROM: &str = "_dd.peer.service.remapped_from";
