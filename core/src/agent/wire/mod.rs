//! What goes on the wire: which tags a span carries there, and how a payload is encoded.
//!
//! ```text
//! chunk ──tags, inlined──▶ wire span ──v04 or v05──▶ payload
//! ```

mod events;
mod format;
mod inlined;
mod list;
#[cfg(feature = "test-util")]
pub mod neutral;
mod payload;
mod span;
mod strings;
mod tags;
#[cfg(test)]
mod tests;
mod v04;
mod v05;

pub(super) use self::tags::LANGUAGE;
pub(crate) use self::{format::Format, payload::Payload, tags::Origin};
