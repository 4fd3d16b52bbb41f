//! Helpers shared by the packages of packdog. Not for other packages: they may change in any
//! version.

use crate::values::{Stack, TagValue};
pub use crate::{
    packed_text::{MAX_SHORT as MAX_SHORT_TEXT, push_text},
    per_process::PerProcess,
    process::{learn_process_id_from, process_id},
    random::random_number,
    recording::TagSet,
    render::{MAX_MESSAGE_BYTES, caught, causes, message, panic_message, render, with_causes},
    sync::{lock, lock_of, unpoisoned},
    text::{cut, find_byte, lossy},
    tracer::is_forgotten,
};

/// Returns the value of the tag `error.stack`: these lines, followed by a backtrace if
/// `RUST_BACKTRACE` enables backtraces. Its frames are named when it is read.
pub fn stack(lines: String) -> TagValue<'static> {
    Stack::take(lines).map_or_else(TagValue::from, TagValue::stack)
}
