//! The decision about failing responses: by status, or by any classifier of `tower-http`.

use std::fmt::Display;

use http::{Response, StatusCode};
use packdog::http::StatusRanges;
use tower_http::classify::{ClassifiedResponse, ClassifyResponse, NeverClassifyEos};

/// Treats responses with certain statuses as failures. It is the default of the
/// layer, with the statuses of the tracer's configuration (`DD_TRACE_HTTP_SERVER_ERROR_STATUSES`, 500 to
/// 599 by default).
///
/// ```
/// use packdog::http::StatusRanges;
/// use packdog_server::{ErrorStatuses, ServerTraceLayer};
///
/// let statuses = StatusRanges::from_iter([429..=429, 500..=599]);
/// let layer = ServerTraceLayer::new().classify_with(ErrorStatuses::new(statuses));
/// # drop(layer);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorStatuses(StatusRanges);

impl ErrorStatuses {
    /// Treats responses with these statuses as failures.
    pub fn new(statuses: StatusRanges) -> Self {
        Self(statuses)
    }
}

impl ClassifyResponse for ErrorStatuses {
    type FailureClass = StatusCode;
    type ClassifyEos = NeverClassifyEos<StatusCode>;

    fn classify_response<B>(
        self,
        response: &Response<B>,
    ) -> ClassifiedResponse<StatusCode, Self::ClassifyEos> {
        let status = response.status();
        ClassifiedResponse::Ready(if self.0.contains(status) { Err(status) } else { Ok(()) })
    }

    fn classify_error<E: Display + 'static>(self, _: &E) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}
