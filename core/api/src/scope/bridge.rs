//! Another API of the same process whose current span and ours are one.
//!
//! Each scope is entered there as well, so that API's own stack has the scopes of both in their true
//! order, and its top is the most recent one.

use std::{fmt, sync::OnceLock};

use crate::{
    awake::{bridge, is_bridged},
    recording::Span,
    values::Baggage,
};

/// Another API whose current span and ours are one, such as that of OpenTelemetry.
///
/// Its methods are called on the threads of the application, while no lock of this package is held.
pub trait ScopeBridge: fmt::Debug + Send + Sync + 'static {
    /// Makes `span` current in the other API on this thread; returns a number for
    /// [`leave`](ScopeBridge::leave).
    fn enter(&self, span: &Span) -> u32;

    /// Leaves the scope that [`enter`](ScopeBridge::enter) entered on this thread, also out of order.
    fn leave(&self, number: u32);

    /// Returns the current span of this thread.
    fn current(&self, top: Top) -> Span;

    /// Returns the parent of a span that starts now, and the baggage that the new span starts with
    /// if it is not that of the parent.
    fn parent(&self, top: Top) -> (Span, Option<Baggage>);
}

/// The innermost scope of this package on a thread. `packdog-api` passes it to a [`ScopeBridge`],
/// which needs it to find the current span of both APIs.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Top {
    /// Its span.
    pub span: Span,
    /// Whether the other API does not know it, because it was entered before the bridge was set.
    pub is_older: bool,
}

static BRIDGE: OnceLock<Box<dyn ScopeBridge>> = OnceLock::new();

/// Sets the API that shares the current span with this one, for the whole process. This cannot be
/// undone. Returns `false` if there is one already.
pub fn set_scope_bridge(other: impl ScopeBridge) -> bool {
    let is_first = BRIDGE.set(Box::new(other)).is_ok();
    bridge();
    is_first
}

/// Returns the other API, if there is one.
pub(super) fn in_use() -> Option<&'static dyn ScopeBridge> {
    if is_bridged() { BRIDGE.get().map(Box::as_ref) } else { None }
}

/// A scope in the other API.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared(u32);

pub(super) fn enter(span: &Span) -> Option<Shared> {
    in_use().map(|bridge| Shared(bridge.enter(span)))
}

pub(super) fn leave(Shared(number): Shared) {
    if let Some(bridge) = BRIDGE.get() {
        bridge.leave(number);
    }
}
