//! Whether there has ever been a tracer in this process, and whether another API shares the current
//! span: the two questions of every call, which one load settles.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// Bits that are set once and never taken back.
static STATE: AtomicU8 = AtomicU8::new(0);
/// A tracer was made.
const AWAKE: u8 = 1;
/// Scopes are entered in another API as well.
const BRIDGED: u8 = 2;

/// Returns whether no tracer has been made in this process: then all calls do nothing.
#[inline]
pub(crate) fn is_dormant() -> bool {
    STATE.load(Relaxed) == 0
}

/// Returns whether another API shares the current span.
#[inline]
pub(crate) fn is_bridged() -> bool {
    STATE.load(Relaxed) & BRIDGED != 0
}

/// Ends the dormancy, for good.
pub(crate) fn wake() {
    STATE.fetch_or(AWAKE, Relaxed);
}

/// Shares the current span with another API, for good.
pub(crate) fn bridge() {
    STATE.fetch_or(BRIDGED, Relaxed);
}
