//! The message of a panic, told to the span in which it happens.
//!
//! Where something between the panic and the span catches it, such as a layer that answers with
//! 500, the span only sees an answer. A hook sees the panic itself.

use std::{
    panic::{self, PanicHookInfo},
    sync::Once,
};

use packdog_api::{current_span, internal};

use crate::tags;

/// Tells the current span of every panic: the tags `error.type`, `error.message` and
/// `error.stack`, with the place and, if `RUST_BACKTRACE` asks for it, a backtrace.
///
/// The hook that was there is called afterwards. The span is not marked as an error by this: it
/// is when the panic unwinds through it, or when the answer is a failure. A panic that is caught
/// and leads to no failure leaves its tags all the same, so this is for applications in which
/// panics are rare.
///
/// Calling it again does nothing.
///
/// ```
/// packdog::panic_hook();
/// ```
pub fn panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            tell(info);
            previous(info);
        }));
    });
}

fn tell(info: &PanicHookInfo<'_>) {
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
