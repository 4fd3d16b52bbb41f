//! The verdict on a response: whether it is a failure, and the tags that record it.

use std::{borrow::Cow, fmt::Display};

use http::StatusCode;
use packdog::{Span, http::StatusRanges, internal, tags};

/// The verdict on the head of a response.
#[derive(Debug)]
pub enum Verdict<E> {
    /// The response is no failure.
    Success,
    /// The response is a failure.
    Failure(Failure),
    /// The end of the body decides.
    AtEnd(E),
}

impl<E> Verdict<E> {
    /// The verdict by the status alone.
    pub fn of(status: StatusCode, error_statuses: &StatusRanges) -> Self {
        if error_statuses.contains(status) {
            Self::Failure(Failure::of_status(status, &status))
        } else {
            Self::Success
        }
    }
}

/// A response that is a failure: the type and the message that its span gets, unless the
/// application has recorded an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    error_type: Option<Cow<'static, str>>,
    message: String,
}

impl Failure {
    /// A failure that is known by the status.
    pub fn of_status(status: StatusCode, message: &dyn Display) -> Self {
        let error_type = Some(status.as_str().to_owned().into());
        Self { error_type, message: internal::message(message) }
    }

    /// A failure that is known by the end of the body.
    pub fn at_end(message: &dyn Display) -> Self {
        Self { error_type: None, message: internal::message(message) }
    }

    /// A failure whose type is a name, such as `NOT_FOUND`.
    pub(crate) fn named(name: &'static str, message: String) -> Self {
        Self { error_type: Some(name.into()), message }
    }

    /// Marks the span. An error that the application recorded takes precedence over a status.
    pub(crate) fn record(&self, span: &Span) {
        span.set_derived_error(self.error_type.as_deref(), self.message.as_str());
    }
}

/// Tags the status of a response.
pub(crate) fn tag(span: &Span, status: StatusCode) {
    span.set_derived_text(tags::http::STATUS_CODE, status.as_str());
}
