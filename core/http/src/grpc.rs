//! gRPC over HTTP/2: which requests are calls, the method that they call, and their status.
//!
//! ```text
//! POST /pkg.Service/Method         content-type: application/grpc[+codec]
//! 200, frames, trailers            grpc-status: 0 … 16
//! ```
//! gRPC-Web is plain HTTP here: its trailers travel in the body, which is not looked into.
//! Rules: [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).

use http::{HeaderMap, header::CONTENT_TYPE};
use packdog::{Span, tags};

use crate::status::Failure;

const GRPC: &str = "application/grpc";
const STATUS: &str = "grpc-status";
const MESSAGE: &str = "grpc-message";

/// The status of a call that succeeded.
pub(crate) const OK: u16 = 0;
/// The status of a call that its client gave up.
pub(crate) const CANCELLED: u16 = 1;
/// The status of a call that ended without one.
pub(crate) const UNKNOWN: u16 = 2;

/// The operation name of the span of a call that is served here.
pub const SERVER_OPERATION: &str = "grpc.server";
/// The operation name of the span of a call that is made from here.
pub const CLIENT_OPERATION: &str = "grpc.client";

/// Whether a request or response with these headers is part of a gRPC call.
pub fn is_call(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let codec = content_type.and_then(|value| {
        let start = value.get(..GRPC.len())?;
        start.eq_ignore_ascii_case(GRPC).then(|| value.get(GRPC.len()..))?
    });
    codec.is_some_and(|codec| matches!(codec.as_bytes().first(), None | Some(b'+' | b';' | b' ')))
}

/// Service and method of a path such as `/pkg.Service/Method`.
pub fn service_and_method(path: &str) -> Option<(&str, &str)> {
    let (service, method) = path.strip_prefix('/')?.rsplit_once('/')?;
    (!service.is_empty() && !method.is_empty()).then_some((service, method))
}

/// The status in a head or in trailers; `None` if there is none, [`UNKNOWN`] if it is no number.
pub(crate) fn status(headers: &HeaderMap) -> Option<u16> {
    let status = headers.get(STATUS)?.to_str().ok().and_then(|status| status.trim().parse().ok());
    Some(status.unwrap_or(UNKNOWN))
}

/// Tags the status of a call, under its name and under the one that Datadog used before.
pub(crate) fn tag_status(span: &Span, status: u16) {
    let status = status.to_string();
    span.set_derived_tag(tags::rpc::GRPC_STATUS_CODE, status.as_str());
    span.set_derived_tag(tags::rpc::GRPC_STATUS_CODE_LEGACY, status.as_str());
}

/// A status other than [`OK`], with the server's message or else its own name.
pub(crate) fn failure(status: u16, headers: &HeaderMap) -> Failure {
    let name = status_name(status);
    let message = message(headers).filter(|message| !message.is_empty());
    Failure::named(name, message.unwrap_or_else(|| name.to_owned()))
}

/// The server's message about an error, percent-decoded.
fn message(headers: &HeaderMap) -> Option<String> {
    let message = percent_encoding::percent_decode(headers.get(MESSAGE)?.as_bytes());
    Some(message.decode_utf8_lossy().into_owned())
}

/// The name of a status, such as `NOT_FOUND`.
fn status_name(status: u16) -> &'static str {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    NAMES.get(usize::from(status)).copied().unwrap_or("UNKNOWN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_known_by_their_content_type() {
        #[rustfmt::skip]
        let table = [
            // content type                 call
            ("application/grpc",            true),
            ("application/grpc+proto",      true),
            ("Application/gRPC;charset=x",  true),
            ("application/grpc-web+proto",  false),
            ("application/grpcs",           false),
            ("application/json",            false),
            ("application",                 false),
        ];
        for (content_type, expected) in table {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type.parse().unwrap())]);
            assert_eq!(is_call(&headers), expected, "{content_type}");
        }
        assert!(!is_call(&HeaderMap::new()));
    }

    #[test]
    fn a_path_has_a_service_and_a_method() {
        #[rustfmt::skip]
        let table = [
            // path                  service and method
            ("/pkg.Service/Method",  Some(("pkg.Service", "Method"))),
            ("/a/b/C",               Some(("a/b", "C"))),
            ("/Method",              None),
            ("//Method",             None),
            ("/Service/",            None),
            ("*",                    None),
        ];
        for (path, expected) in table {
            assert_eq!(service_and_method(path), expected, "{path}");
        }
    }

    #[test]
    fn status_and_message_are_read_as_they_are_written() {
        let headers = |status: &str| {
            let status = (STATUS.parse().unwrap(), status.parse().unwrap());
            let message = (MESSAGE.parse().unwrap(), "no%20bread%21".parse().unwrap());
            HeaderMap::from_iter([status, message])
        };
        #[rustfmt::skip]
        let table = [
            // header  status
            ("0",      0),
            (" 16",    16),
            ("99",     99),
            ("-1",     UNKNOWN),
            ("many",   UNKNOWN),
        ];
        for (header, expected) in table {
            assert_eq!(status(&headers(header)), Some(expected), "{header}");
        }
        assert_eq!(status(&HeaderMap::new()), None);
        assert_eq!(message(&headers("5")).as_deref(), Some("no bread!"));
        assert_eq!([5, 17].map(status_name), ["NOT_FOUND", "UNKNOWN"]);
    }
}
