//! An error in the extensions of a response, for its span.

use std::{any::type_name, error::Error, fmt, sync::Arc};

/// The error behind a response, as an extension of the response: the span of the request gets
/// its type, its message and its causes.
///
/// The response still decides whether the span is marked as an error: with one that is not a
/// failure, such as a 404, the error is not recorded.
///
/// ```
/// use http::{Response, StatusCode};
/// use packdog_server::ResponseError;
///
/// fn unavailable(error: std::io::Error) -> Response<String> {
///     let mut response = Response::new("try again".to_owned());
///     *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
///     response.extensions_mut().insert(ResponseError::new(error));
///     response
/// }
/// # drop(unavailable(std::io::Error::other("disk full")));
/// ```
///
/// In axum, `(status, Extension(ResponseError::new(error)), body)` is such a response as well.
#[derive(Clone)]
pub struct ResponseError {
    error: Arc<dyn Error + Send + Sync>,
    name: Option<&'static str>,
}

impl ResponseError {
    /// An error of a known type.
    pub fn new<E: Error + Send + Sync + 'static>(error: E) -> Self {
        Self { error: Arc::new(error), name: Some(type_name::<E>()) }
    }

    /// An error whose type is no longer known, as `tower::BoxError` and `anyhow::Error` hold
    /// it.
    pub fn boxed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into().into(), name: None }
    }

    pub(crate) fn error(&self) -> &(dyn Error + 'static) {
        &*self.error
    }

    pub(crate) fn name(&self) -> Option<&'static str> {
        self.name
    }
}

impl fmt::Debug for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResponseError").field(&self.error).finish()
    }
}
