//! The request that all contenders use: twenty headers, eight of them about the trace.

use http::{HeaderMap, HeaderValue, Request};

/// The test of allocations counts the same request.
#[path = "../../allocations/request.rs"]
mod counted;

pub(crate) use self::counted::{TRACE_HEADERS, headers};

const OF_TRACE: [&str; TRACE_HEADERS] = [
    "x-datadog-trace-id",
    "x-datadog-parent-id",
    "x-datadog-sampling-priority",
    "x-datadog-origin",
    "x-datadog-tags",
    "traceparent",
    "tracestate",
    "baggage",
];

/// The other headers alone.
pub(crate) fn untraced() -> HeaderMap {
    let mut headers = headers();
    for name in OF_TRACE {
        headers.remove(name);
    }
    headers
}

/// The headers of a trace that is to be dropped.
pub(crate) fn dropped() -> HeaderMap {
    let mut headers = headers();
    headers.insert("x-datadog-sampling-priority", HeaderValue::from_static("0"));
    headers.insert("x-datadog-tags", HeaderValue::from_static("_dd.p.tid=640cfd8d00000000"));
    let traceparent = "00-640cfd8d000000001234567890123456-4b8e8d605675c71c-00";
    headers.insert("traceparent", HeaderValue::from_static(traceparent));
    headers.insert("tracestate", HeaderValue::from_static("dd=s:0;o:synthetics,other=vendor"));
    headers
}

/// A request with these headers and an empty body.
pub(crate) fn request<B: Default>(headers: HeaderMap) -> Request<B> {
    let mut request = Request::new(B::default());
    *request.uri_mut() = http::Uri::from_static("/users/42?verbose=true");
    *request.headers_mut() = headers;
    request
}
