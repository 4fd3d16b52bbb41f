//! The tracer's own messages: lines on standard error, few of them.
//!
//! A message about something that goes on, such as an Agent that is down, is said once for its
//! topic and then not again before an interval has passed: one warning, not one per request.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Write},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use packdog_api::Misuse;

/// How long a topic is silent after a message.
const INTERVAL: Duration = Duration::from_secs(60);

/// Writes the messages of one tracer.
pub(crate) struct Log {
    interval: Duration,
    /// What misuses were told, one bit each.
    told: AtomicU64,
    state: Mutex<State>,
}

struct State {
    output: Box<dyn Write + Send>,
    last: HashMap<Topic, Instant>,
}

/// What a repeated message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// Spans were lost, because the Agent did not take them or not fast enough.
    Loss,
    /// A chunk was too large for any payload.
    Oversized,
    /// Spans stay open for long.
    Unfinished,
    /// Headers came that are not what their rules ask for.
    Malformed(&'static str),
}

impl Log {
    /// Lines on standard error, each topic at most once a minute.
    pub(crate) fn to_stderr() -> Self {
        Self::new(io::stderr(), INTERVAL)
    }

    pub(crate) fn new(output: impl Write + Send + 'static, interval: Duration) -> Self {
        let state = State { output: Box::new(output), last: HashMap::new() };
        Self { interval, told: AtomicU64::new(0), state: Mutex::new(state) }
    }

    /// Says something that happens once.
    pub(crate) fn line(&self, message: &dyn fmt::Display) {
        self.state().write(message);
    }

    /// Says something that may happen again and again, unless the topic is still silent at `now`.
    pub(crate) fn limited(&self, topic: Topic, now: Instant, message: &dyn fmt::Display) {
        let mut state = self.state();
        let last = state.last.get(&topic);
        if last.is_none_or(|last| now.saturating_duration_since(*last) >= self.interval) {
            state.last.insert(topic, now);
            state.write(message);
        }
    }

    /// Says something of a misuse the first time, and never again. All but the first calls cost
    /// one atomic operation: they come from threads of the application.
    pub(crate) fn misuse(&self, misuse: Misuse, message: &dyn fmt::Display) {
        let bit = 1_u64.checked_shl(misuse as u32).unwrap_or(1 << 63);
        if self.told.load(Relaxed) & bit == 0 && self.told.fetch_or(bit, Relaxed) & bit == 0 {
            self.line(message);
        }
    }

    /// Says something the first time that it happens, and never again.
    pub(crate) fn once(&self, topic: Topic, message: &dyn fmt::Display) {
        let mut state = self.state();
        if state.last.insert(topic, Instant::now()).is_none() {
            state.write(message);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(&mut self, message: &dyn fmt::Display) {
        // Where nobody reads standard error, there is nobody to tell.
        let _ = writeln!(self.output, "packdog: {message}");
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("interval", &self.interval).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;

    /// What was written to a log, for whoever tests that.
    #[derive(Clone, Default)]
    pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        pub(crate) fn lines(&self) -> Vec<String> {
            let bytes = self.0.lock().unwrap();
            std::str::from_utf8(&bytes).unwrap().lines().map(str::to_owned).collect()
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_topic_is_silent_for_an_interval_and_others_are_not() {
        let written = Written::default();
        let interval = Duration::from_secs(60);
        let log = Log::new(written.clone(), interval);
        let start = Instant::now();
        let nearly = start + interval - Duration::from_nanos(1);
        log.limited(Topic::Loss, start, &"first");
        log.limited(Topic::Loss, nearly, &"too early");
        log.limited(Topic::Oversized, nearly, &"another topic");
        log.limited(Topic::Loss, start + interval, &"second");
        log.line(&"once");
        let expected =
            ["packdog: first", "packdog: another topic", "packdog: second", "packdog: once"];
        assert_eq!(written.lines(), expected);
    }

    #[test]
    fn each_misuse_is_told_once_and_later_ones_wait_for_no_lock() {
        let written = Written::default();
        let log = Log::new(written.clone(), Duration::from_secs(60));
        log.misuse(Misuse::TooManyTags, &"tags");
        log.misuse(Misuse::ChangeAfterFinish, &"change");
        let _held = log.state();
        log.misuse(Misuse::TooManyTags, &"tags again");
        assert_eq!(written.lines(), ["packdog: tags", "packdog: change"]);
    }
}
