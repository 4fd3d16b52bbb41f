//! The current span, and futures and streams that carry it.
//!
//! Each thread has a stack of scopes. Synchronous code enters a span and leaves it with a guard;
//! a future or a stream carries its span and enters it for each poll.

mod bridge;
mod carried;
mod current;
mod future;
mod guard;
#[cfg(feature = "stream")]
mod stream;

#[cfg(feature = "stream")]
pub use self::stream::{StreamInSpan, StreamInSpanExt};
pub use self::{
    bridge::{ScopeBridge, Top, set_scope_bridge},
    carried::CarriedSpan,
    current::{current_ids, current_root_span, current_span},
    future::{InSpan, InSpanExt},
    guard::{SpanScope, TracerScope},
};
pub(crate) use self::{
    carried::CarriedScope,
    current::{current_parent, current_tracer},
};
