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
mod container;
#[cfg(test)]
pub(crate) mod fake;
mod info;
mod process;
mod queue;
mod retry;
mod sender;
#[cfg(unix)]
mod unix;
mod watch;
mod wire;

pub(crate) use self::{
    client::Client,
    info::OrgMarker,
    queue::{Limits, Queue},
    retry::Retry,
    sender::{Sender, Worker},
    watch::Watch,
    wire::Origin,
};

#[cfg(feature = "test-util")]
pub use self::wire::neutral;
