//! Whether there has ever been a tracer in this process.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Set when the first tracer is made, and never taken back.
static IS_AWAKE: AtomicBool = AtomicBool::new(false);

/// Returns whether no tracer has been made in this process: then all calls do nothing.
#[inline]
pub(crate) fn is_dormant() -> bool {
    !IS_AWAKE.load(Relaxed)
}

/// Ends the dormancy, for good.
pub(crate) fn wake() {
    IS_AWAKE.store(true, Relaxed);
}
