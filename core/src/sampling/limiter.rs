//! A limit on the traces or spans kept per second: a bucket with one token for each.
//!
//! The bucket holds the tokens of one second, and at least one. The share of requested tokens that
//! it granted in this second and the one before is sent to the Datadog Agent as `_dd.limit_psr`.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use packdog_api::internal::lock;

const WINDOW: Duration = Duration::from_secs(1);

/// A bucket of tokens that fills with time.
#[derive(Debug)]
pub(crate) struct Limiter {
    per_second: f64,
    /// The most tokens in the bucket.
    capacity: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    filled_at: Instant,
    window: Window,
    /// The share that the previous window kept, if any token was requested in it.
    last_kept: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began_at: Instant,
    asked: f64,
    kept: f64,
}

/// The decision of the limiter about one trace or span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) is_kept: bool,
    /// The share that was kept in this second and the one before, from 0 to 1.
    pub(crate) effective_rate: f64,
}

impl Limiter {
    /// Creates a full bucket; with a limit of 0 it is empty and stays so.
    ///
    /// Its capacity is at least one, since a limit below one token per second would otherwise never
    /// yield a whole one.
    pub(crate) fn new(per_second: f64, now: Instant) -> Self {
        let capacity = if per_second > 0.0 { per_second.max(1.0) } else { 0.0 };
        let window = Window { began_at: now, asked: 0.0, kept: 0.0 };
        let state = State { tokens: capacity, filled_at: now, window, last_kept: None };
        Self { per_second, capacity, state: Mutex::new(state) }
    }

    /// Requests a token.
    pub(crate) fn ask(&self, now: Instant) -> Verdict {
        let mut state = lock(&self.state);
        state.fill(now, self.per_second, self.capacity);
        state.roll(now);
        let is_kept = state.tokens >= 1.0;
        state.window.asked += 1.0;
        if is_kept {
            state.tokens -= 1.0;
            state.window.kept += 1.0;
        }
        Verdict { is_kept, effective_rate: state.effective_rate() }
    }
}

impl State {
    fn fill(&mut self, now: Instant, per_second: f64, capacity: f64) {
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + passed * per_second).min(capacity);
        self.filled_at = self.filled_at.max(now);
    }

    /// Begins a new window when the current one is over.
    fn roll(&mut self, now: Instant) {
        let age = now.saturating_duration_since(self.window.began_at);
        if age < WINDOW {
            return;
        }
        self.last_kept = (age < 2 * WINDOW).then(|| self.window.kept_part()).flatten();
        self.window = Window { began_at: now, asked: 0.0, kept: 0.0 };
    }

    /// The mean of both windows.
    fn effective_rate(&self) -> f64 {
        let current = self.window.kept_part().unwrap_or(1.0);
        self.last_kept.map_or(current, |last| f64::midpoint(last, current))
    }
}

impl Window {
    fn kept_part(&self) -> Option<f64> {
        (self.asked > 0.0).then(|| self.kept / self.asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_tokens_and_refills_with_time() {
        let start = Instant::now();
        let limiter = Limiter::new(2.0, start);
        #[rustfmt::skip]
        let table = [
            // milliseconds  kept   effective rate
            (0,              true,  1.0),
            (0,              true,  1.0),
            (0,              false, 2.0 / 3.0),
            (499,            false, 0.5),
            (500,            true,  3.0 / 5.0),
            (1_000,          true,  f64::midpoint(3.0 / 5.0, 1.0)),
            (1_000,          false, f64::midpoint(3.0 / 5.0, 0.5)),
            (60_000,         true,  1.0),
            (60_000,         true,  1.0),
            (60_000,         false, 2.0 / 3.0),
        ];
        for (index, (milliseconds, is_kept, effective_rate)) in table.into_iter().enumerate() {
            let verdict = limiter.ask(start + Duration::from_millis(milliseconds));
            assert_eq!(verdict, Verdict { is_kept, effective_rate }, "row {index}");
        }
    }

    #[test]
    fn a_limit_of_zero_keeps_nothing() {
        let start = Instant::now();
        let limiter = Limiter::new(0.0, start);
        for seconds in 0..3 {
            let verdict = limiter.ask(start + Duration::from_secs(seconds));
            assert_eq!(verdict, Verdict { is_kept: false, effective_rate: 0.0 });
        }
    }

    #[test]
    fn a_limit_below_one_keeps_one_at_a_time() {
        let start = Instant::now();
        let limiter = Limiter::new(0.5, start);
        #[rustfmt::skip]
        let table = [
            // milliseconds  kept
            (0,              true),
            (1_000,          false),
            (2_000,          true),
            (60_000,         true),
            (60_000,         false),
        ];
        for (milliseconds, is_kept) in table {
            let verdict = limiter.ask(start + Duration::from_millis(milliseconds));
            assert_eq!(verdict.is_kept, is_kept, "{milliseconds}");
        }
    }

    #[test]
    fn a_moment_before_the_last_one_gives_nothing() {
        let start = Instant::now();
        let limiter = Limiter::new(1.0, start);
        let later = start + WINDOW / 2;
        assert!(limiter.ask(later).is_kept);
        assert!(!limiter.ask(start).is_kept);
        assert!(!limiter.ask(later).is_kept);
    }
}
