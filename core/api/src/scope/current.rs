//! The stack of scopes of a thread. Its top says which span and which tracer are current.

use std::cell::RefCell;

use crate::{
    awake::is_dormant,
    recording::{Span, Tracer},
    values::{SpanId, TraceId},
};

/// A scope that was entered. `None` once its guard was dropped while others lay above it.
type Slot = Option<Scope>;

/// What is current in a scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) span: Span,
    pub(super) tracer: Option<Tracer>,
}

thread_local! {
    /// The last slot is always occupied.
    static STACK: RefCell<Vec<Slot>> = const { RefCell::new(Vec::new()) };
}

/// The span that is current on this thread; [nothing](Span::nothing) where there is none.
///
/// Costs one relaxed atomic load while no tracer exists in the process.
pub fn current_span() -> Span {
    if is_dormant() {
        return Span::nothing();
    }
    with_top(|scope| scope.span.clone()).unwrap_or_default()
}

/// Returns the ids of the current span without a handle to it, for log lines.
///
/// ```
/// if let Some((trace_id, span_id)) = packdog_api::current_ids() {
///     println!("trace_id={trace_id} span_id={span_id}");
/// }
/// ```
pub fn current_ids() -> Option<(TraceId, SpanId)> {
    if is_dormant() {
        return None;
    }
    with_top(|scope| scope.span.trace_id().zip(scope.span.span_id())).flatten()
}

/// The first span in this process of the trace whose span is current.
pub fn current_root_span() -> Span {
    current_span().root()
}

/// The tracer of the scope, if one was entered.
pub(crate) fn current_tracer() -> Option<Tracer> {
    with_top(|scope| scope.tracer.clone()).flatten()
}

/// Late in the life of a thread there is no stack any more, and so no scope.
pub(super) fn with_top<T>(look: impl FnOnce(&Scope) -> T) -> Option<T> {
    STACK.try_with(|stack| stack.borrow().last().and_then(Option::as_ref).map(look)).ok().flatten()
}

/// Enters a scope; returns its place, which [`pop`] wants back.
pub(super) fn push(scope: Scope) -> Option<usize> {
    STACK
        .try_with(|stack| {
            let mut stack = stack.borrow_mut();
            stack.push(Some(scope));
            stack.len() - 1
        })
        .ok()
}

/// Leaves the scope at `place`. Below the top it only becomes vacant, so that guards dropped out
/// of order leave the current span alone.
pub(super) fn pop(place: usize) {
    let left = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let left = stack.get_mut(place).and_then(Option::take);
        while stack.last().is_some_and(Option::is_none) {
            stack.pop();
        }
        left
    });
    // Dropping a span may end up in an implementation: not while the stack is borrowed.
    drop(left);
}
