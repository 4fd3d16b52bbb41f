//! The stack of scopes of a thread. The current span and tracer are those of its top.

use std::cell::RefCell;

use crate::{
    awake::is_dormant,
    recording::{Span, Tracer},
    values::{SpanId, TraceId},
};

/// An entered scope; `None` if its guard was dropped while other scopes were above it.
type Slot = Option<Scope>;

/// The span and the tracer that are current in a scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) span: Span,
    pub(super) tracer: Option<Tracer>,
}

thread_local! {
    /// The last slot is always occupied.
    static STACK: RefCell<Vec<Slot>> = const { RefCell::new(Vec::new()) };
}

/// Returns the span that is current on this thread; [nothing](Span::nothing) if there is none.
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

/// Returns the first span in this process of the current span's trace.
pub fn current_root_span() -> Span {
    current_span().root()
}

/// The tracer of the scope, if one was entered.
pub(crate) fn current_tracer() -> Option<Tracer> {
    with_top(|scope| scope.tracer.clone()).flatten()
}

/// While a thread shuts down, its stack may be gone already; then there is no scope.
pub(super) fn with_top<T>(look: impl FnOnce(&Scope) -> T) -> Option<T> {
    STACK.try_with(|stack| stack.borrow().last().and_then(Option::as_ref).map(look)).ok().flatten()
}

/// Enters a scope; returns its place for [`pop`].
pub(super) fn push(scope: Scope) -> Option<usize> {
    STACK
        .try_with(|stack| {
            let mut stack = stack.borrow_mut();
            stack.push(Some(scope));
            stack.len() - 1
        })
        .ok()
}

/// Leaves the scope at `place`. A scope below the top only becomes vacant, so that guards dropped
/// out of order do not change the current span.
pub(super) fn pop(place: usize) {
    let left = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let left = stack.get_mut(place).and_then(Option::take);
        while stack.last().is_some_and(Option::is_none) {
            stack.pop();
        }
        left
    });
    // Dropping a span may call into an implementation, so it must not happen while the stack is
    // borrowed.
    drop(left);
}
