//! Errors of spans, and panics that a layer catches before the span sees them.
//!
//! [`Span::set_error`](crate::Span::set_error) and [`TraceErr`](crate::TraceErr) mark a span.

use std::{
    panic::{self, PanicHookInfo},
    sync::Once,
};

pub use packdog_api::{SpanError, TracedErr};
use packdog_api::{current_span, internal};

use crate::tags;

/// Installs a panic hook that sets tags on the current span: `error.type`, `error.message` and
/// `error.stack`, with the place and, if `RUST_BACKTRACE` enables it, a backtrace.
///
/// A layer that catches a panic and responds with 500 leaves the span with only a status; the
/// hook sees the panic itself. The previous hook is called afterwards.
///
/// The hook does not mark the span as an error: a panic that unwinds through the span does, and
/// so does a response that is a failure. A panic that is caught and leads to no failure leaves its
/// tags all the same, so the hook is for applications in which panics are rare.
///
/// Calling it again does nothing.
///
/// ```
/// packdog::error::panic_hook();
/// ```
pub fn panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            tag_current_span(info);
            previous(info);
        }));
    });
}

fn tag_current_span(info: &PanicHookInfo<'_>) {
    let span = current_span();
    if !span.is_recording() {
        return;
    }
    let message = internal::panic_message(info.payload());
    let place = info.location().map(|place| format!("at {place}")).unwrap_or_default();
    span.set_tag(tags::error::TYPE, tags::error::TYPE_PANIC);
    span.set_tag(tags::error::MESSAGE, internal::cut(message, internal::MAX_MESSAGE_BYTES));
    span.set_tag(tags::error::STACK, internal::stack(place));
}
