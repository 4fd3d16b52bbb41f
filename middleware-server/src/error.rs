//! What errors, panics and statuses leave on a span.
//!
//! Services are only asked for errors that can be displayed, because `tower::BoxError` is not an
//! `Error` itself; those that are one, or hold one, are found by downcasting.

use std::{
    any::{Any, type_name},
    error::Error,
    fmt::Display,
    io,
};

use packdog::{Span, tags};
use tower::BoxError;

use self::tags::error::TYPE_PANIC as PANIC;
use crate::SpanError;

/// Records the error of a service or a body, with its causes if it has some.
pub(crate) fn record<E: Display + 'static>(span: &Span, error: &E) {
    if let Some(error) = in_box(error) {
        // Its type is not known any more, and that of the box says nothing.
        span.set_error(error);
    } else if let Some(error) = std_error(error) {
        span.set_error(error);
        span.set_tag(tags::error::TYPE, type_name::<E>());
    } else {
        span.set_error_parts(type_name::<E>(), error.to_string().as_str(), None);
    }
}

/// Records a panic by its message, if that is a text.
pub(crate) fn record_panic(span: &Span, payload: &(dyn Any + Send)) {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message");
    // Where a hook has told of the panic, it knows the place as well.
    let has_hook = span.tag(tags::error::TYPE).is_some_and(|kind| kind.as_str() == Some(PANIC));
    let place = span.tag(tags::error::STACK).filter(|_| has_hook);
    span.set_error_parts(PANIC, message, place.as_ref().and_then(|place| place.as_str()));
}

/// Marks the span because of its answer, which is its message if nobody left a better one.
pub(crate) fn record_failure(span: &Span, error_type: Option<&str>, message: &dyn Display) {
    span.set_is_error(true);
    if span.tag(tags::error::TYPE).is_none() && span.tag(tags::error::MESSAGE).is_none() {
        span.set_error_parts(error_type, message.to_string().as_str(), None);
    }
}

/// Records the error that came with the answer.
pub(crate) fn record_handed(span: &Span, handed: &SpanError) {
    span.set_error(handed.error());
    if let Some(name) = handed.name() {
        span.set_tag(tags::error::TYPE, name);
    }
}

/// The error that `error` holds, if it is a box.
fn in_box<E: 'static>(error: &E) -> Option<&(dyn Error + 'static)> {
    let error: &dyn Any = error;
    if let Some(error) = error.downcast_ref::<BoxError>() {
        return Some(error.as_ref());
    }
    error.downcast_ref::<Box<dyn Error>>().map(AsRef::as_ref)
}

/// The error that `error` is, as far as types are known here.
fn std_error<E: 'static>(error: &E) -> Option<&(dyn Error + 'static)> {
    let error: &dyn Any = error;
    #[cfg(feature = "axum")]
    if let Some(error) = error.downcast_ref::<axum::Error>() {
        return Some(error);
    }
    error.downcast_ref::<io::Error>().map(|error| error as &dyn Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_found_in_or_as_the_known_types() {
        let io = || io::Error::other("disk full");
        assert!(std_error(&io()).is_some());
        assert!(in_box(&BoxError::from(io())).is_some_and(|error| error.is::<io::Error>()));
        assert!(in_box(&Box::<dyn Error>::from(io())).is_some_and(|e| e.is::<io::Error>()));
        assert!(in_box(&io()).is_none() && std_error(&"a text").is_none());
    }
}
