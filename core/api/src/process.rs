//! The id of the running process, which a forked child must not mistake for that of its parent.

use std::{process, sync::OnceLock};

/// A faster way to learn the id, if an implementation has one.
static FAST: OnceLock<fn() -> u32> = OnceLock::new();

/// Returns the id of the running process.
///
/// The standard library asks the system each time, which takes 40 to 300 ns. Each span needs the id at
/// its start, and a trace at its end, which was up to 40 % of the time of a root span. Until an
/// implementation has a faster way, each of them asks the system.
#[inline]
pub fn process_id() -> u32 {
    match FAST.get() {
        Some(fast) => fast(),
        None => process::id(),
    }
}

/// Makes [`process_id`] ask this function from now on; only the first call has an effect.
pub fn learn_process_id_from(fast: fn() -> u32) {
    let _ = FAST.set(fast); // An earlier function is as good.
}
