//! What the local spans of one trace share, and the chunks in which they leave.

mod chunk;
mod clock;
#[cfg(all(test, shuttle))]
mod interleavings;
mod sampling;
mod state;
mod tags;

pub use self::{
    chunk::{Chunk, FinishedSpan},
    sampling::Decision,
    tags::TraceTags,
};
pub(crate) use self::{
    clock::{Clock, unix_nanos},
    state::Trace,
};
