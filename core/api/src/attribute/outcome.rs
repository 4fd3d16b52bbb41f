//! Marks the span with an `Err` of any type, without a bound on the traced function.
//!
//! Method resolution tries receivers with fewer references last. Each trait below is implemented
//! for a different number of references, so they are tried in this order:
//!
//! | error type | tags of the span |
//! |---|---|
//! | `Error` | type, message, causes |
//! | `AsRef<dyn Error + Send + Sync>`, as `anyhow::Error` and `BoxError` | the same |
//! | `AsRef<dyn Error>`, as `Box<dyn Error>` | the same |
//! | `Display` | type and message |
//! | any other, also a type parameter without bounds | the error mark alone |
//! | – (no `Result`) | nothing |

use std::{error::Error, fmt::Display};

use crate::recording::{self, Span};

/// The return value of a traced function.
#[derive(Debug)]
pub struct Outcome<'a, T>(pub &'a T);

type ResultOutcome<'a, T, E> = Outcome<'a, Result<T, E>>;

/// Marks the span with the type, message and causes of an error.
pub trait OfError {
    /// Marks `span` if this is an `Err`.
    fn mark_error_on(&self, span: &Span);
}

impl<T, E: Error> OfError for &&&&&ResultOutcome<'_, T, E> {
    fn mark_error_on(&self, span: &Span) {
        if let Err(error) = self.0 {
            span.set_error(error);
        }
    }
}

/// Marks the span with the type, message and causes of the error inside.
pub trait OfSendErrorInside {
    /// Marks `span` if this is an `Err`.
    fn mark_error_on(&self, span: &Span);
}

impl<'e, T, E> OfSendErrorInside for &&&&ResultOutcome<'_, T, E>
where
    E: AsRef<dyn Error + Send + Sync + 'e>,
{
    fn mark_error_on(&self, span: &Span) {
        if let Err(error) = self.0 {
            recording::record_error::<E, _>(span, error.as_ref());
        }
    }
}

/// Marks the span with the type, message and causes of the error inside, which need not be `Send`.
pub trait OfErrorInside {
    /// Marks `span` if this is an `Err`.
    fn mark_error_on(&self, span: &Span);
}

impl<'e, T, E: AsRef<dyn Error + 'e>> OfErrorInside for &&&ResultOutcome<'_, T, E> {
    fn mark_error_on(&self, span: &Span) {
        if let Err(error) = self.0 {
            recording::record_error::<E, _>(span, error.as_ref());
        }
    }
}

/// Marks the span with the type and the message.
pub trait OfText {
    /// Marks `span` if this is an `Err`.
    fn mark_error_on(&self, span: &Span);
}

impl<T, E: Display> OfText for &&ResultOutcome<'_, T, E> {
    fn mark_error_on(&self, span: &Span) {
        if let Err(error) = self.0 {
            recording::record_text(span, error);
        }
    }
}

/// Marks the span as failed, without a type or message.
pub trait OfAnything {
    /// Marks `span` if this is an `Err`.
    fn mark_error_on(&self, span: &Span);
}

impl<T, E> OfAnything for &ResultOutcome<'_, T, E> {
    fn mark_error_on(&self, span: &Span) {
        if self.0.is_err() {
            span.set_is_error(true);
        }
    }
}

/// Does nothing for values that are not a `Result`.
pub trait OfNoResult {
    /// Does nothing.
    fn mark_error_on(&self, span: &Span);
}

impl<T> OfNoResult for Outcome<'_, T> {
    fn mark_error_on(&self, _: &Span) {}
}
