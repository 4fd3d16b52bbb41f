//! The number of attempts of a request, and the pauses between them.

use std::time::Duration;

/// A request is tried `attempts` times, with pauses that double from `first_pause` on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    pub(crate) attempts: u32,
    pub(crate) first_pause: Duration,
}

impl Default for Retry {
    /// Three attempts, over about half a second.
    fn default() -> Self {
        Self { attempts: 3, first_pause: Duration::from_millis(100) }
    }
}

impl Retry {
    /// The pause after failed attempt number `attempt`, the first one being 1; `None` to give up.
    ///
    /// `jitter` from 0 to 1 spreads the pauses of many processes from half to one and a half.
    pub(crate) fn pause(&self, attempt: u32, jitter: f64) -> Option<Duration> {
        let doublings = attempt.saturating_sub(1).min(16);
        let pause = self.first_pause.saturating_mul(1 << doublings);
        (attempt < self.attempts).then(|| pause.mul_f64(0.5 + jitter.clamp(0.0, 1.0)))
    }
}

/// Returns a number from 0 to 1 for a random one.
pub(super) fn jitter(random: u64) -> f64 {
    random as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_within_their_jitter_and_end_with_the_last_attempt() {
        let retry = Retry { attempts: 3, first_pause: Duration::from_millis(100) };
        #[rustfmt::skip]
        let table = [
            // attempt  jitter  milliseconds
            (1,         0.0,    Some(50)),
            (1,         0.5,    Some(100)),
            (1,         1.0,    Some(150)),
            (2,         0.5,    Some(200)),
            (3,         0.5,    None),
        ];
        for (attempt, jitter, expected) in table {
            let pause = retry.pause(attempt, jitter);
            assert_eq!(pause, expected.map(Duration::from_millis), "{attempt} {jitter}");
        }
    }

    #[test]
    fn the_jitter_of_a_random_number_is_between_0_and_1() {
        assert_eq!([0, 1 << 63, u64::MAX].map(jitter), [0.0, 0.5, 1.0]);
    }
}
