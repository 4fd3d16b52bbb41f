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
/// The service of the process, on spans of another one.
pub const BASE_SERVICE: &str = "_dd.base_service";
/// A UUID of this process.
pub const RUNTIME_ID: &str = "runtime-id";
/// The language of the tracer.
pub const LANGUAGE: &str = "language";
/// The process id of the operating system, as a number.
pub const PROCESS_ID: &str = "process_id";
