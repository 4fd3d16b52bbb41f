//! One wall-clock reading per trace; spans add monotonic time to it, so that they nest correctly.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::unix_time::nanos;

/// The moment at which a trace began in this process, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    unix: Duration,
    unix_nanos: i64,
    at: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        // A wall clock before 1970 is wrong; the trace then begins in 1970.
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { unix, unix_nanos: nanos(unix), at: Instant::now() }
    }

    /// Seconds of Unix time at which the trace began, as they go into its id.
    pub(crate) fn unix_seconds(&self) -> u32 {
        u32::try_from(self.unix.as_secs()).unwrap_or(u32::MAX)
    }

    /// Nanoseconds of Unix time at which the trace began.
    pub(crate) fn unix_nanos(&self) -> i64 {
        self.unix_nanos
    }

    /// Nanoseconds of Unix time now.
    pub(crate) fn now(&self) -> i64 {
        self.unix_nanos.saturating_add(nanos(self.at.elapsed()))
    }
}
