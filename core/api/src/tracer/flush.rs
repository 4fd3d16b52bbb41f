//! Sends finished spans at once, for the end of a program or of an invocation.

use std::time::{Duration, Instant};

use crate::{metrics::Metrics, recording::Tracer, report::Report};

impl Tracer {
    /// Sends all finished spans, also those of open traces, and waits for at most `timeout`.
    ///
    /// Blocks the calling thread; [`flush_async`](Tracer::flush_async) does not.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use std::time::Duration;
    /// use packdog::Tracer;
    ///
    /// let report = Tracer::current().flush(Duration::from_secs(1));
    /// assert!(report.is_complete(), "{} spans still wait", report.queued);
    /// ```
    pub fn flush(&self, timeout: Duration) -> Report {
        self.flush_until(deadline(timeout))
    }

    /// Like [`flush`](Tracer::flush), but the tracer records nothing from then on.
    pub fn shutdown(&self, timeout: Duration) -> Report {
        self.shutdown_until(deadline(timeout))
    }

    /// Returns the numbers of spans that were sent, sampled out and lost, and that wait.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use packdog::Tracer;
    ///
    /// let metrics = Tracer::current().metrics();
    /// println!("{} spans sent, {} lost", metrics.sent, metrics.dropped.total());
    /// ```
    pub fn metrics(&self) -> Metrics {
        self.recorder().map(|recorder| recorder.metrics()).unwrap_or_default()
    }

    pub(super) fn flush_until(&self, deadline: Instant) -> Report {
        let Some(backing) = self.backing() else { return Report::default() };
        backing.open_traces.leave();
        backing.recorder.flush(deadline)
    }

    pub(super) fn shutdown_until(&self, deadline: Instant) -> Report {
        let Some(backing) = self.backing() else { return Report::default() };
        backing.open_traces.leave();
        backing.recorder.shutdown(deadline)
    }
}

/// Returns the end of `timeout`; a year from now if the clock cannot represent it.
pub(super) fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or_else(|| now + YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder;

    #[test]
    fn a_timeout_beyond_the_clock_is_a_long_one() {
        let (tracer, recorder) = recorder::tracer();
        tracer.flush(Duration::MAX);
        assert_eq!(recorder.flushes(), 1);
        assert!(deadline(Duration::MAX) > deadline(Duration::from_secs(60)));
    }
}
