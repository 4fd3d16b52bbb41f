//! Delivery to the Datadog Agent: a bounded queue, a thread of our own, and the wire formats.
//!
//! ```text
//! collect ──▶ queue ──▶ sender thread: outgoing ──▶ wire ──▶ client, retry ──▶ Agent /v0.4/traces or v0.5
//!                                      statistics ─────────▶ client, retry ──▶ Agent /v0.6/stats
//!                                      info ◀─────────────── client ◀──────── Agent /info
//! ```
//! Nothing left of the queue does I/O. A chunk is counted when it enters the queue, and leaves
//! the count of the queued ones only into that of the sent, the sampled-out or the dropped ones.

mod batch;
mod blocks;
mod client;
mod contact;
mod container;
mod delivery;
mod discovery;
#[cfg(feature = "health-metrics")]
mod health;
mod info;
mod outgoing;
mod process;
mod queue;
mod retry;
mod sender;
mod shared;
mod tcp;
mod tuning;
#[cfg(unix)]
mod unix;
mod watch;
mod wire;

pub(crate) use packdog_api::implementation::PerProcess;

pub(crate) use self::{
    delivery::Delivery, info::InfoError, queue::Limits, retry::Retry, shared::Shared,
    tuning::Tuning, watch::Watch,
};

use self::{client::Client, queue::Queue, sender::Sender, wire::Origin};

#[cfg(feature = "test-util")]
pub use self::wire::plain;
use crate::Config;

/// Asks the Agent for its version and its endpoints. Blocks, at most for the timeout of the
/// configuration.
///
/// # Errors
/// The Agent cannot be reached, or has no `/info`.
pub(crate) fn ask(config: &Config) -> Result<(Option<String>, Vec<String>), InfoError> {
    let (info, _) = Client::new(config).info_client().info()?;
    Ok(info.description())
}
