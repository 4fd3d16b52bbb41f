//! The message of a panic, told to the span in which it happens.
//!
//! Where something between the panic and the span catches it, such as a layer that answers with
//! 500, the span only sees an answer. A hook sees the panic itself.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, PanicHookInfo},
    sync::Once,
};

use packdog_api::current_span;

use crate::tags;

/// The most bytes of `error.message`, as for any other error.
const MAX_MESSAGE_BYTES: usize = 5_000;

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
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message");
    let place = info.location().map(|place| format!("at {place}")).unwrap_or_default();
    let backtrace = Backtrace::capture();
    let stack = match backtrace.status() {
        BacktraceStatus::Captured => format!("{place}\n{backtrace}"),
        _ => place,
    };
    span.set_tag(tags::error::TYPE, tags::error::TYPE_PANIC);
    span.set_tag(tags::error::MESSAGE, cut(message));
    span.set_tag(tags::error::STACK, stack);
}

/// The longest start of the message that fits and ends with a whole character.
fn cut(message: &str) -> &str {
    let mut ends = (0..=MAX_MESSAGE_BYTES.min(message.len())).rev();
    ends.find_map(|end| message.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_at_a_whole_character() {
        for (len, expected) in [(0, 0), (1, 1), (5_000, 5_000), (5_001, 5_000)] {
            assert_eq!(cut(&"x".repeat(len)).len(), expected);
        }
        assert_eq!(cut(&format!("x{}", "é".repeat(5_000))).len(), MAX_MESSAGE_BYTES - 1);
    }
}
