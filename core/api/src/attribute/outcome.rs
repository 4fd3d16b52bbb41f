//! `Err` marks the span, for any error type and without a bound on the traced function.
//!
//! A method call looks for a receiver with few references last. So the traits below, which are
//! implemented for a different number of references each, are tried in this order:
//!
//! | error type | what the span gets |
//! |---|---|
//! | `Error` | type, message, causes |
//! | `AsRef<dyn Error + Send + Sync>`, as `anyhow::Error` and `BoxError` | the same |
//! | `AsRef<dyn Error>`, as `Box<dyn Error>` | the same |
//! | `Display` | type and message |
//! | any other, also a type parameter without bounds | the mark alone |
//! | – (no `Result`) | nothing |

use std::{error::Error, fmt::Display};

use crate::recording::{self, Span};

/// What a function returned.
#[derive(Debug)]
pub struct Outcome<'a, T>(pub &'a T);

type ResultOutcome<'a, T, E> = Outcome<'a, Result<T, E>>;

/// Marks with all that an error tells.
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

/// Marks with all that the error inside tells.
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

/// Marks with all that the error inside tells, which may stay on its thread.
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

/// Marks with a text.
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

/// Marks without knowing more.
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

/// Leaves alone what is no `Result`.
pub trait OfNoResult {
    /// Does nothing.
    fn mark_error_on(&self, span: &Span);
}

impl<T> OfNoResult for Outcome<'_, T> {
    fn mark_error_on(&self, _: &Span) {}
}
