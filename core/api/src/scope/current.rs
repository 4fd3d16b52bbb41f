//! The stack of scopes of a thread. The current span and tracer are those of its top.

use std::cell::{Cell, RefCell};

use super::bridge::{self, Shared, Top};
use crate::{
    awake::{is_bridged, is_dormant},
    recording::{Span, Tracer},
    values::{Baggage, SpanId, TraceId},
};

/// An entered scope; `None` if its guard was dropped while other scopes were above it.
type Slot = Option<Scope>;

/// The span and the tracer that are current in a scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) span: Span,
    pub(super) tracer: Option<Tracer>,
    /// The scope of another API that this one was entered with.
    pub(super) shared: Option<Shared>,
    /// Whether it was entered before there was another API.
    pub(super) is_older: bool,
}

impl Scope {
    /// Returns a scope of `span`, entered in the other API as well if there is one.
    pub(super) fn new(span: Span, tracer: Option<Tracer>) -> Self {
        let shared = bridge::enter(&span);
        Self { span, tracer, shared, is_older: !is_bridged() }
    }
}

type Ids = (TraceId, SpanId);

thread_local! {
    /// The last slot is always occupied.
    static STACK: RefCell<Stack> = const { RefCell::new(Stack(Vec::new())) };

    /// The ids of the span on top of the stack. A fast path for log lines, which want the ids and no
    /// handle: they never change, so a plain load replaces two borrows and a walk to the span.
    static IDS: Cell<Option<Ids>> = const { Cell::new(None) };
}

/// The scopes of a thread.
struct Stack(Vec<Slot>);

impl Stack {
    fn top(&self) -> Option<&Scope> {
        self.0.last().and_then(Option::as_ref)
    }

    /// Follows a change of the top.
    fn update_ids(&self) {
        IDS.set(self.top().and_then(|scope| ids(&scope.span)));
    }
}

impl Drop for Stack {
    /// At the end of the thread, before the spans are dropped.
    fn drop(&mut self) {
        IDS.set(None);
    }
}

fn ids(span: &Span) -> Option<Ids> {
    span.trace_id().zip(span.span_id())
}

/// Returns the span that is current on this thread; if there is none, [a handle that does
/// nothing](Span::nothing).
///
/// Almost free while no tracer exists in the process.
pub fn current_span() -> Span {
    if is_dormant() {
        return Span::nothing();
    }
    match bridge::in_use() {
        Some(bridge) => bridge.current(top()),
        None => with_top(|scope| scope.span.clone()).unwrap_or_default(),
    }
}

/// Returns the parent of a span that starts now, and the baggage that the span starts with if it is
/// not that of the parent.
pub(crate) fn current_parent() -> (Span, Option<Baggage>) {
    match bridge::in_use() {
        Some(bridge) => bridge.parent(top()),
        None => (with_top(|scope| scope.span.clone()).unwrap_or_default(), None),
    }
}

/// Returns the innermost scope of this thread.
fn top() -> Top {
    with_top(|scope| Top { span: scope.span.clone(), is_older: scope.is_older }).unwrap_or_default()
}

/// Returns the ids of the current span without a handle to it: cheap, for log lines.
///
/// ```
/// # mod packdog { pub use packdog_api::*; pub mod span { pub use packdog_api::*; } }
/// if let Some((trace_id, span_id)) = packdog::span::current_ids() {
///     println!("trace_id={trace_id} span_id={span_id}");
/// }
/// ```
#[inline]
pub fn current_ids() -> Option<(TraceId, SpanId)> {
    if is_bridged() { bridged_ids() } else { IDS.get() }
}

fn bridged_ids() -> Option<(TraceId, SpanId)> {
    match bridge::in_use() {
        Some(bridge) => ids(&bridge.current(top())),
        None => IDS.get(),
    }
}

/// Returns the local root: the first span that this process opened in the current trace.
pub fn current_root_span() -> Span {
    current_span().root()
}

/// The tracer of the scope, if one was entered.
pub(crate) fn current_tracer() -> Option<Tracer> {
    with_top(|scope| scope.tracer.clone()).flatten()
}

/// While a thread shuts down, its stack may be gone already; then there is no scope.
pub(super) fn with_top<T>(look: impl FnOnce(&Scope) -> T) -> Option<T> {
    STACK.try_with(|stack| stack.borrow().top().map(look)).ok().flatten()
}

/// Enters a scope; returns its place for [`pop`].
pub(super) fn push(scope: Scope) -> Option<usize> {
    push_made(scope.shared, |_| scope)
}

/// Enters a scope of `span` with the tracer of the scope around it.
///
/// A fast path, which visits the stack once: each request and each poll of its future does so.
pub(super) fn push_within(span: Span) -> Option<usize> {
    let shared = bridge::enter(&span);
    let is_older = !is_bridged();
    push_made(shared, |stack| {
        let tracer = stack.top().and_then(|around| around.tracer.clone());
        Scope { span, tracer, shared, is_older }
    })
}

/// Enters the scope that `make` returns, which runs no code of the application.
#[inline]
fn push_made(shared: Option<Shared>, make: impl FnOnce(&Stack) -> Scope) -> Option<usize> {
    let place = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let scope = make(&stack);
        IDS.set(ids(&scope.span));
        stack.0.push(Some(scope));
        stack.0.len() - 1
    });
    if place.is_err()
        && let Some(shared) = shared
    {
        bridge::leave(shared);
    }
    place.ok()
}

/// Leaves the scope at `place`. A scope below the top only becomes vacant, so that guards dropped
/// out of order do not change the current span.
pub(super) fn pop(place: usize) {
    let left = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let left = if place + 1 == stack.0.len() {
            stack.0.pop().flatten() // Nearly always.
        } else {
            stack.0.get_mut(place).and_then(Option::take)
        };
        while stack.0.last().is_some_and(Option::is_none) {
            stack.0.pop();
        }
        stack.update_ids();
        left
    });
    if let Ok(Some(Scope { shared: Some(shared), .. })) = &left {
        bridge::leave(*shared);
    }
    // Dropping a span may call into an implementation, so it must not happen while the stack is
    // borrowed.
    drop(left);
}
