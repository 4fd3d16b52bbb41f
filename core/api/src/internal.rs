//! Helpers that the packages of packdog share. Not for others: they may change with any version.

use crate::values::{Stack, TagValue};
pub use crate::{
    render::{MAX_CAUSES, MAX_MESSAGE_BYTES, causes, message, panic_message, render},
    text::cut,
};

/// Returns the value of the tag `error.stack`: these lines, and below them a backtrace, if
/// `RUST_BACKTRACE` asks for those. Its frames are named when it is read.
pub fn stack(lines: String) -> TagValue {
    Stack::take(lines).map_or_else(TagValue::from, TagValue::stack)
}
