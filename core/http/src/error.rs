//! Errors and panics on the span of their exchange.
//!
//! ```text
//! error.type = the kind of the error, such as "timeout" / the name of its type
//! ```
//! Tower requires nothing of errors, and `tower::BoxError` does not implement `Error`. Every error can
//! be printed; its causes are found if it is a box, or if its type is a known one.
//!
//! The error of a service is derived: one that the application recorded on the span has more detail,
//! and stays. So does the mark that it removed.

use std::{
    any::{Any, type_name},
    borrow::Cow,
    error::Error,
    fmt::Display,
};

use packdog::{
    Span,
    http::HttpConfig,
    internal::{message, panic_message, with_causes},
    tags,
};

use self::tags::error::TYPE_PANIC as PANIC;
use crate::{Side, redacted::redact_urls};

/// Records the error of a service or a body, with its causes if it has some.
pub(crate) fn record<S: Side, E: Display + 'static>(span: &Span, error: &E, config: &HttpConfig) {
    if !span.is_recording() {
        return;
    }
    if let Some(boxed) = in_box(error) {
        record_boxed::<S>(span, boxed, config);
    } else if let Some(known) = S::known_error(error) {
        let name = kind::<S>(known).unwrap_or_else(type_name::<E>);
        Parts::of(known, config).derive(span, Some(name));
    } else {
        let message = text(error, config);
        span.replace_derived_error(Some(type_name::<E>()), Some(&message), None);
    }
}

/// Records an error whose type was lost in a box.
pub(crate) fn record_boxed<S: Side>(
    span: &Span,
    error: &(dyn Error + 'static),
    config: &HttpConfig,
) {
    Parts::of(error, config).derive(span, kind::<S>(error));
}

/// Records an error of the application by a type, its message, and its causes as the stack. It
/// replaces an earlier one.
///
/// There is no backtrace: that of this place would show the frames of the middleware.
pub fn record_as(
    span: &Span,
    error: &(dyn Error + 'static),
    error_type: Option<&str>,
    config: &HttpConfig,
) {
    if span.is_recording() {
        let Parts { message, stack } = Parts::of(error, config);
        span.set_error_parts(error_type, message.as_deref(), stack.as_deref());
    }
}

/// The texts of an error.
struct Parts {
    message: Option<String>,
    /// Its causes.
    stack: Option<String>,
}

impl Parts {
    fn of(error: &(dyn Error + 'static), config: &HttpConfig) -> Self {
        let mut texts = with_causes(error).map(|error| text(error, config));
        let message = texts.next();
        let causes = texts.collect::<Vec<_>>().join("\n");
        Self { message, stack: Some(causes).filter(|causes| !causes.is_empty()) }
    }

    fn derive(&self, span: &Span, error_type: Option<&str>) {
        span.replace_derived_error(error_type, self.message.as_deref(), self.stack.as_deref());
    }
}

fn text(error: &(impl Display + ?Sized), config: &HttpConfig) -> String {
    match redact_urls(&message(error), config) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(redacted) => redacted,
    }
}

/// Records a panic by its message, if that is a text.
pub(crate) fn record_panic(span: &Span, payload: &(dyn Any + Send)) {
    // A panic hook that recorded the panic knows its place as well.
    let has_hook = span.tag(tags::error::TYPE).is_some_and(|kind| kind.as_str() == Some(PANIC));
    let place = span.tag(tags::error::STACK).filter(|_| has_hook);
    span.set_error_parts(
        PANIC,
        panic_message(payload),
        place.as_ref().and_then(|place| place.as_str()),
    );
}

/// The kind of the first error that has one: the causes are asked in their order.
fn kind<S: Side>(error: &(dyn Error + 'static)) -> Option<&'static str> {
    with_causes(error).find_map(S::error_kind)
}

/// The error that `error` holds, if it is a box.
fn in_box<E: 'static>(error: &E) -> Option<&(dyn Error + 'static)> {
    let error: &dyn Any = error;
    if let Some(error) = error.downcast_ref::<Box<dyn Error + Send + Sync>>() {
        return Some(error.as_ref());
    }
    if let Some(error) = error.downcast_ref::<Box<dyn Error + Send>>() {
        return Some(error.as_ref());
    }
    error.downcast_ref::<Box<dyn Error>>().map(AsRef::as_ref)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn an_error_is_found_in_any_box() {
        let io = || io::Error::other("disk full");
        let boxed: Box<dyn Error + Send + Sync> = io().into();
        assert!(in_box(&boxed).is_some_and(|error| error.is::<io::Error>()));
        let boxed: Box<dyn Error + Send> = Box::new(io());
        assert!(in_box(&boxed).is_some_and(|error| error.is::<io::Error>()));
        assert!(in_box(&Box::<dyn Error>::from(io())).is_some_and(|e| e.is::<io::Error>()));
        assert!(in_box(&io()).is_none());
    }
}
