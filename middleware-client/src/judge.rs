//! What an answer says on the span of its call: its status, its headers, and whether it is an
//! error.
//!
//! ```text
//! HTTP   the status of the head
//! gRPC   grpc-status of the head, else of the trailers; without one UNKNOWN
//! ```

use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use packdog::{
    Span,
    http::{HttpConfig, StatusRanges},
    tags,
};
use packdog_http::grpc;

/// The rules for the answer of one call.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) http: Arc<HttpConfig>,
    pub(crate) error_statuses: StatusRanges,
    pub(crate) is_grpc: bool,
}

impl Judge {
    /// Records the head.
    pub(crate) fn head(&self, span: &Span, status: StatusCode, headers: &HeaderMap) {
        for (name, value) in self.http.header_tags.of_response(headers) {
            span.set_tag(name.to_owned(), value);
        }
        if !self.is_grpc {
            span.set_tag(tags::http::STATUS_CODE, status.as_str());
            if self.error_statuses.contains(status) {
                span.set_is_error(true);
            }
            return;
        }
        match grpc::status(headers) {
            Some(status) => record(span, status, headers),
            // Whoever answers so is no gRPC server, but for example a proxy.
            None if status != StatusCode::OK => record(span, grpc::UNKNOWN, headers),
            None => {}
        }
    }

    /// Records the end of the body.
    pub(crate) fn end(&self, span: &Span, trailers: Option<&HeaderMap>) {
        if self.is_waiting(span) {
            let empty = HeaderMap::new();
            let trailers = trailers.unwrap_or(&empty);
            record(span, grpc::status(trailers).unwrap_or(grpc::UNKNOWN), trailers);
        }
    }

    /// Records what became of a call that ended without telling its status.
    pub(crate) fn without_status(&self, span: &Span, status: u16) {
        if self.is_waiting(span) {
            tag(span, status);
        }
    }

    /// Whether the status of the call is still to come.
    pub(crate) fn is_waiting(&self, span: &Span) -> bool {
        self.is_grpc && span.tag(tags::rpc::GRPC_STATUS_CODE).is_none()
    }
}

fn record(span: &Span, status: u16, headers: &HeaderMap) {
    tag(span, status);
    if status != grpc::OK {
        let name = grpc::status_name(status);
        let message = grpc::message(headers).filter(|message| !message.is_empty());
        span.set_error_parts(Some(name), message.as_deref().unwrap_or(name), None);
    }
}

fn tag(span: &Span, status: u16) {
    let status = status.to_string();
    span.set_tag(tags::rpc::GRPC_STATUS_CODE, status.as_str());
    span.set_tag(tags::rpc::GRPC_STATUS_CODE_LEGACY, status.as_str());
}
