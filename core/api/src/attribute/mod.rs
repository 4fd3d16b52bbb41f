//! The functions that code expanded from `#[trace]` calls. Not for applications: this module may
//! change in any version, because the package of the attribute is pinned to this one.

pub mod outcome;
#[cfg(test)]
mod tests;

/// The attribute as `packdog` re-exports it: traced functions find everything they call in that
/// package.
#[doc(inline)]
pub use packdog_macros::trace;

pub use crate::values::SpanKind;

use crate::{awake::is_dormant, recording::OwnedSpan, tracer::SpanBuilder};

/// Starts a span; `builder` is not called while no tracer exists.
pub fn open(builder: impl FnOnce() -> SpanBuilder) -> OwnedSpan {
    if is_dormant() { OwnedSpan::default() } else { builder().start() }
}

/// Calls the body of a function; its `return` and `?` end here.
///
/// The compiler infers `Fn` for a closure that is called in place, and such a closure could not
/// return borrows from its arguments.
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// Calls the body of a function that returns a future of `T`.
pub fn call_for<T, F: Future<Output = T>, B: FnOnce() -> F>(body: B) -> F {
    body()
}
