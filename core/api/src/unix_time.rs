//! Points in time as they go on the wire.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Nanoseconds of Unix time; zero before 1970.
pub(crate) fn unix_nanos(time: SystemTime) -> i64 {
    nanos(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// An `i64` of nanoseconds lasts until the year 2262.
pub(crate) fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
