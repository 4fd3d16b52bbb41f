//! The request of all counts: twenty headers, eight of them about the trace.

use http::{HeaderMap, HeaderName, HeaderValue};

const HEADERS: [(&str, &str); 20] = [
    ("host", "users.example.com"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("accept-language", "en-US,en;q=0.5"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("x-datadog-trace-id", "1311768467284833366"),
    ("x-datadog-parent-id", "5444444444444444444"),
    ("x-datadog-sampling-priority", "1"),
    ("x-datadog-origin", "synthetics"),
    ("x-datadog-tags", "_dd.p.dm=-1,_dd.p.tid=640cfd8d00000000"),
    ("traceparent", "00-640cfd8d000000001234567890123456-4b8e8d605675c71c-01"),
    ("tracestate", "dd=s:1;o:synthetics;p:4b8e8d605675c71c;t.dm:-1,other=vendor"),
    ("baggage", "user.id=42,plan=pro,region=eu-west-1"),
    ("referer", "https://www.example.com/overview"),
    ("connection", "keep-alive"),
    ("cookie", "session=0123456789abcdef0123456789abcdef; theme=dark"),
    ("cache-control", "no-cache"),
    ("x-forwarded-for", "203.0.113.7"),
    ("x-forwarded-proto", "https"),
    ("x-request-id", "b7c9a1de-77d3-4c43-8f5e-5f5f8c1f6d3e"),
];

/// The number of headers that are about the trace.
pub(crate) const TRACE_HEADERS: usize = 8;

/// The headers.
pub(crate) fn headers() -> HeaderMap {
    let lines = HEADERS
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    lines.collect()
}
