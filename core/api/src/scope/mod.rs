//! Which span is current, and how futures carry it.
//!
//! Each thread has a stack of scopes. Synchronous code enters a span and leaves it with a guard;
//! a future carries its span and enters it for each poll.

mod carried;
mod current;
mod entered;
mod future;
mod guard;

pub(crate) use self::{carried::Carried, current::current_tracer};
pub use self::{
    carried::CarriedSpan,
    current::{current_root_span, current_span},
    entered::EnteredSpan,
    future::{InSpan, InSpanExt},
    guard::{SpanScope, TracerScope},
};
