//! The error of a call, on its span: its kind, its message and its causes.
//!
//! ```text
//! error.type = "timeout" / "connect" / "redirect" / "body" / "decode" / the name of its type
//! ```
//! Tower asks nothing of errors, and `tower::BoxError` is no `Error` itself. What every error can
//! do is print itself; kind and causes are found if its type is a known one.

use std::{
    any::{Any, type_name},
    error::Error,
    fmt::Display,
    io, iter,
};

use ::tower::BoxError;

use crate::span::ClientSpan;

/// How many causes are looked at; a cycle of causes ends there as well.
pub(crate) const MAX_CAUSES: usize = 64;

/// Records the error of a service or of a body, and ends the span.
pub(crate) fn record<E: Display + 'static>(span: ClientSpan, error: &E) {
    let any: &dyn Any = error;
    if let Some(boxed) = any.downcast_ref::<BoxError>() {
        record_boxed(span, boxed.as_ref());
    } else if let Some(known) = known(any) {
        span.fail(known, Some(kind(known).unwrap_or_else(type_name::<E>)));
    } else {
        span.fail_with_text(error, type_name::<E>());
    }
}

/// Records an error whose type was lost in a box, and ends the span.
pub(crate) fn record_boxed(span: ClientSpan, error: &(dyn Error + 'static)) {
    span.fail(error, kind(error));
}

fn known(error: &dyn Any) -> Option<&(dyn Error + 'static)> {
    #[cfg(feature = "hyper-util")]
    if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
        return Some(error);
    }
    #[cfg(feature = "reqwest")]
    if let Some(error) = error.downcast_ref::<reqwest::Error>() {
        return Some(error);
    }
    let error = error.downcast_ref::<io::Error>()?;
    Some(error)
}

/// What went wrong, as the first error says it that knows: the causes are asked in their order.
fn kind(error: &(dyn Error + 'static)) -> Option<&'static str> {
    iter::successors(Some(error), |&error| error.source()).take(MAX_CAUSES).find_map(kind_of_one)
}

fn kind_of_one(error: &(dyn Error + 'static)) -> Option<&'static str> {
    #[cfg(feature = "reqwest")]
    if let Some(error) = error.downcast_ref::<reqwest::Error>() {
        return kind_of_reqwest(error);
    }
    // It stands for the error in it, which is then not among the causes.
    #[cfg(feature = "reqwest")]
    if let Some(reqwest_middleware::Error::Reqwest(error)) = error.downcast_ref() {
        return kind_of_reqwest(error);
    }
    #[cfg(any(feature = "hyper-util", feature = "reqwest"))]
    if error.is::<::tower::timeout::error::Elapsed>() {
        return Some("timeout");
    }
    #[cfg(feature = "hyper-util")]
    if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
        return error.is_connect().then_some("connect");
    }
    let error = error.downcast_ref::<io::Error>()?;
    (error.kind() == io::ErrorKind::TimedOut).then_some("timeout")
}

/// A timeout comes first: it may strike while connecting, and while the body is read.
#[cfg(feature = "reqwest")]
fn kind_of_reqwest(error: &reqwest::Error) -> Option<&'static str> {
    [
        (error.is_timeout(), "timeout"),
        (error.is_connect(), "connect"),
        (error.is_redirect(), "redirect"),
        (error.is_decode(), "decode"),
        (error.is_body(), "body"),
    ]
    .into_iter()
    .find_map(|(is_kind, kind)| is_kind.then_some(kind))
}
