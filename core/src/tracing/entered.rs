//! The scopes of our spans while their counterparts in `tracing` are entered: one stack per thread.
//!
//! `tracing` reports entering and leaving by two calls on the same thread, and spans need not be
//! left in reverse order. So the guards are kept here, each with the id of its span.

use std::cell::RefCell;

use crate::{Span, scope::SpanScope, span::SpanId};

thread_local! {
    static ENTERED: RefCell<Vec<(Option<SpanId>, SpanScope)>> = const { RefCell::new(Vec::new()) };
}

/// Makes the span current on this thread. Does nothing while the thread shuts down.
pub(super) fn push(span: &Span) {
    let entry = (span.span_id(), span.enter());
    let _ = ENTERED.try_with(|entered| entered.borrow_mut().push(entry));
}

/// Undoes the latest [`push`] of this span on this thread.
pub(super) fn pop(span: &Span) {
    let id = span.span_id();
    let left = ENTERED.try_with(|entered| {
        let mut entered = entered.borrow_mut();
        let place = entered.iter().rposition(|(pushed, _)| *pushed == id)?;
        Some(entered.remove(place))
    });
    drop(left); // Leaves the scope, after the stack was released.
}
