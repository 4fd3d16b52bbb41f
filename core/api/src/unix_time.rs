//! Points in time as they go on the wire.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Nanoseconds of Unix time; zero before 1970.
pub(crate) fn unix_nanos(time: SystemTime) -> i64 {
    nanos(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// An `i64` of nanoseconds lasts until the year 2262; later times are that one.
#[inline]
pub(crate) fn nanos(duration: Duration) -> i64 {
    let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    seconds.saturating_mul(NANOS_PER_SECOND).saturating_add(duration.subsec_nanos().into())
}

const NANOS_PER_SECOND: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_beyond_the_range_is_the_last_one_in_it() {
        #[rustfmt::skip]
        let table = [
            // duration                                nanoseconds
            (Duration::ZERO,                           0),
            (Duration::new(7, 8),                      7_000_000_008),
            (Duration::new(9_223_372_036, 854_775_807), i64::MAX),
            (Duration::new(9_223_372_036, 854_775_808), i64::MAX),
            (Duration::new(9_223_372_037, 0),          i64::MAX),
            (Duration::MAX,                            i64::MAX),
        ];
        for (duration, expected) in table {
            assert_eq!(nanos(duration), expected, "{duration:?}");
        }
    }
}
