//! Errors on spans: tags `error.type`, `error.message` and `error.stack`.

use std::{any::type_name, error::Error, fmt::Write};

use super::Span;
use crate::text::cut;

/// The most bytes of `error.message`.
const MAX_MESSAGE_BYTES: usize = 5_000;
/// The most causes that are written to `error.stack`; a cycle of causes ends there as well.
const MAX_CAUSES: usize = 64;

/// Marks the span; the causes of `error`, one per line, are its stack.
pub(crate) fn record<E: Error + ?Sized>(span: &Span, error: &E) {
    span.set_is_error(true);
    span.set_tag("error.type", type_name::<E>());
    span.set_tag("error.message", cut(&error.to_string(), MAX_MESSAGE_BYTES));
    let mut stack = String::new();
    let mut source = error.source();
    for _ in 0..MAX_CAUSES {
        let Some(cause) = source else { break };
        // Writing to a String fails only if the cause's own Display does; the rest still counts.
        let _ = writeln!(stack, "{cause}");
        source = cause.source();
    }
    if !stack.is_empty() {
        span.set_tag("error.stack", stack.trim_end());
    }
}
