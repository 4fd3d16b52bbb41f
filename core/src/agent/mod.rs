//! Delivery to the Datadog Agent: a bounded queue, a thread of our own, and what goes on the wire.
//!
//! ```text
//! collect ──▶ queue ──▶ sender thread: wire ──▶ client, retry ──▶ Agent /v0.4/traces or v0.5
//!                                      info ◀── client ◀──────── Agent /info
//! ```
//! Nothing left of the queue does I/O. A chunk is counted when it enters the queue, and leaves
//! the count of the queued ones only into that of the sent or of the dropped ones.

mod batch;
mod client;
mod contact;
mod container;
#[cfg(test)]
pub(crate) mod fake;
mod info;
mod process;
mod queue;
mod retry;
mod sender;
mod shared;
mod tuning;
#[cfg(unix)]
mod unix;
mod watch;
mod wire;

pub(crate) use self::{
    queue::{Limits, Queue},
    retry::Retry,
    sender::Sender,
    shared::Shared,
    tuning::Tuning,
    watch::Watch,
};

use self::{client::Client, wire::Origin};

#[cfg(feature = "test-util")]
pub use self::wire::plain;
