//! The bodies of trace requests: which tags a span carries there, and how it is encoded.
//!
//! ```text
//! chunk ──tags, inlined──▶ wire span ──v04 or v05──▶ payload
//! ```

mod constants;
mod decision_tags;
mod events;
mod format;
mod inline_texts;
mod link;
mod list;
mod pack;
mod payload;
#[cfg(any(test, feature = "test-util"))]
#[cfg_attr(
    not(feature = "test-util"),
    allow(dead_code, unreachable_pub, reason = "others use it, with test-util")
)]
pub mod plain;
#[cfg(test)]
mod schema;
mod span;
mod strings;
mod tags;
#[cfg(test)]
mod tests;
mod v04;
mod v05;

pub(crate) use self::{
    format::Format,
    payload::{DoesNotFit, Payload},
    tags::Origin,
};
