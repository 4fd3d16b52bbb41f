//! What goes on the wire: which tags a span carries there, and how a payload is encoded.

mod payload;
mod tags;
#[cfg(test)]
mod tests;
mod v04;

pub(super) use self::tags::LANGUAGE;
pub(crate) use self::{payload::Payload, tags::Origin};
