//! Names of the tags that the Agent itself looks at.

/// The upper 64 bits of the trace id as 16 hex digits, on the first span of each chunk.
pub(crate) const TRACE_ID_HIGH: &str = "_dd.p.tid";
/// Span links as JSON, in formats without a field for them.
pub(crate) const SPAN_LINKS: &str = "_dd.span_links";
/// Span events as JSON, in formats without a field for them.
pub(crate) const SPAN_EVENTS: &str = "events";
/// Status of the HTTP response, as text.
pub(crate) const HTTP_STATUS_CODE: &str = "http.status_code";
/// Type of the error that marked the span.
pub(crate) const ERROR_TYPE: &str = "error.type";
/// `server`, `client`, `producer`, `consumer` or `internal`.
pub(crate) const SPAN_KIND: &str = "span.kind";
