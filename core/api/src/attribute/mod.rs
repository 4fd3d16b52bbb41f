//! What functions with `#[trace]` call. Applications never call what is here, and it may change
//! with any version: the attribute's package is pinned to that of this one.

pub mod outcome;
#[cfg(test)]
mod tests;

/// The attribute for `packdog`, whose functions find all they call in that package.
#[doc(inline)]
pub use packdog_macros::trace;

use crate::{awake::is_dormant, recording::OwnedSpan, tracer::SpanBuilder};

/// Starts a span; where no tracer exists, nothing of `builder` is evaluated.
pub fn open(builder: impl FnOnce() -> SpanBuilder) -> OwnedSpan {
    if is_dormant() { OwnedSpan::default() } else { builder().start() }
}

/// Calls the body of a function, whose `return` and `?` end up here.
///
/// A closure that is called in place would be taken for one that can be called again, and could
/// not return what it borrows from its arguments.
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// Calls the body of a function that returns a future of `T`.
pub fn call_for<T, F: Future<Output = T>, B: FnOnce() -> F>(body: B) -> F {
    body()
}
