//! The error of a service, on its span.
//!
//! Tower asks nothing of errors, and `tower::BoxError` is no `Error` itself. What every error can
//! do is print itself; its causes are found if its type is a known one.

use std::{
    any::{Any, type_name},
    error::Error,
    fmt, io,
};

use ::tower::BoxError;

use crate::span::ClientSpan;

pub(super) fn record<E: fmt::Display + 'static>(span: &ClientSpan, error: &E) {
    let any: &dyn Any = error;
    if let Some(boxed) = any.downcast_ref::<BoxError>() {
        span.record_error(boxed.as_ref(), None);
    } else if let Some(known) = known(any) {
        span.record_error(known, Some(type_name::<E>()));
    } else {
        span.record_error(&Text(error), Some(type_name::<E>()));
    }
}

fn known(error: &dyn Any) -> Option<&(dyn Error + 'static)> {
    #[cfg(feature = "hyper-util")]
    if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
        return Some(error);
    }
    let error = error.downcast_ref::<io::Error>()?;
    Some(error)
}

/// An error of which only the text is known.
struct Text<'a, E>(&'a E);

impl<E: fmt::Display> fmt::Display for Text<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: fmt::Display> fmt::Debug for Text<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: fmt::Display> Error for Text<'_, E> {}
