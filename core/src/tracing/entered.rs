//! The scopes of our spans while their twins in `tracing` are entered: one stack per thread.
//!
//! `tracing` tells of entering and leaving in two calls on the same thread, and leaves need not
//! come in reverse order. So the guards wait here, each with the id of its span.

use std::cell::RefCell;

use crate::{Span, SpanId, SpanScope};

thread_local! {
    static ENTERED: RefCell<Vec<(Option<SpanId>, SpanScope)>> = const { RefCell::new(Vec::new()) };
}

/// Makes the span current on this thread. Late in the life of a thread it does nothing.
pub(super) fn push(span: &Span) {
    let entry = (span.span_id(), span.enter());
    let _ = ENTERED.try_with(|entered| entered.borrow_mut().push(entry));
}

/// Takes back the latest [`push`] of this span on this thread.
pub(super) fn pop(span: &Span) {
    let id = span.span_id();
    let left = ENTERED.try_with(|entered| {
        let mut entered = entered.borrow_mut();
        let place = entered.iter().rposition(|(pushed, _)| *pushed == id)?;
        Some(entered.remove(place))
    });
    drop(left); // Leaves the scope, after the stack was released.
}
