//! The differences between a server's and a client's exchanges.

use std::{any::Any, error::Error, io};

use http::{HeaderMap, StatusCode};
use packdog::{Span, http::HttpConfig};

use crate::Failure;

/// The differences between a server's and a client's exchanges.
///
/// The defaults are those of a client.
pub trait Side {
    /// Judges the end of a body; [`Infallible`](std::convert::Infallible) if the head always
    /// decides.
    type AtEnd;

    /// The status of a response in whose place there is an error.
    const STATUS_OF_ERROR: Option<StatusCode> = None;

    /// Judges the end of a body, if the verdict on the head left it open.
    fn judge_end(at_end: Self::AtEnd, trailers: Option<&HeaderMap>) -> Result<(), Failure>;

    /// Counts the bytes of a data frame.
    fn on_data(&mut self, bytes: usize) {
        let _ = bytes;
    }

    /// Records more about a response that is a failure, before its status and message are.
    fn on_failure(&self, span: &Span, config: &HttpConfig) {
        let _ = (span, config);
    }

    /// Records more on a span that is about to finish.
    fn on_close(&self, span: &Span) {
        let _ = span;
    }

    /// Finds the error behind a value, if its type is a known one.
    fn known_error<'e>(error: &'e (dyn Any + 'static)) -> Option<&'e (dyn Error + 'static)> {
        error.downcast_ref::<io::Error>().map(|error| error as &dyn Error)
    }

    /// The kind of one error, such as `timeout`, in place of the name of its type. It is
    /// called for the error first, and then for its causes.
    fn error_kind(error: &(dyn Error + 'static)) -> Option<&'static str> {
        let _ = error;
        None
    }
}
