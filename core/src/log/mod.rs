//! The tracer's own messages: few lines, to the application's logger or to standard error.
//!
//! A message about something that goes on, such as an Agent that is down, is written once for its
//! topic, and not again before an interval has passed: one warning, not one per request.

mod output;
mod startup;
mod writer;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use packdog_api::{Misuse, internal::lock};

pub(crate) use self::startup::Startup;
use self::{output::Output, writer::Writer};
use crate::{
    Config,
    config::{LogLevel, Message},
};

/// The time for which a topic is silent after a message.
const INTERVAL: Duration = Duration::from_secs(60);
/// The longest time that [`Log::settle`] waits.
const PATIENCE: Duration = Duration::from_millis(100);
/// The most bytes of one message.
const MAX_BYTES: usize = 2_000;
/// The most bytes of a line with all settings.
const MAX_STARTUP_BYTES: usize = 64 * 1024;

/// Writes the messages of one tracer. No method waits for the output, except for
/// [`settle`](Log::settle).
pub(crate) struct Log {
    interval: Duration,
    /// The least important messages that are written.
    level: LogLevel,
    /// One bit for each kind of misuse that has been reported.
    reported: AtomicU64,
    last: Mutex<HashMap<Topic, Instant>>,
    writer: Writer,
}

/// The subject of a repeated message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// Spans were lost, because the Agent did not accept them or not fast enough.
    Loss,
    /// Statistics were lost, because the Agent did not accept them.
    Stats,
    /// A span was too large for any payload.
    Oversized,
    /// The Agent does not take the configured format.
    Format,
    /// The processor panicked.
    Processor,
    /// Spans stay open for long.
    Unfinished,
    /// Headers with this name were malformed.
    Malformed(&'static str),
}

impl Topic {
    fn level(self) -> LogLevel {
        match self {
            Self::Loss | Self::Oversized | Self::Stats => LogLevel::Error,
            Self::Processor => LogLevel::Error,
            Self::Format | Self::Unfinished | Self::Malformed(_) => LogLevel::Warn,
        }
    }
}

impl Log {
    /// Writes to the configured destination, each topic at most once a minute.
    pub(crate) fn of(config: &Config) -> Self {
        Self::with(Output::of(config), config.log_level(), INTERVAL)
    }

    /// Like [`of`](Log::of), for a forked child.
    pub(crate) fn of_child(config: &Config) -> Self {
        Self::with(Output::of_child(config), config.log_level(), INTERVAL)
    }

    /// Writes warnings and errors to a stream.
    #[cfg(test)]
    pub(crate) fn new(output: impl std::io::Write + Send + 'static, interval: Duration) -> Self {
        Self::with(Output::to(output), LogLevel::default(), interval)
    }

    fn with(output: Output, level: LogLevel, interval: Duration) -> Self {
        let writer = Writer::new(output);
        Self { interval, level, reported: AtomicU64::new(0), last: Mutex::default(), writer }
    }

    /// Writes a warning about something that happens once.
    pub(crate) fn line(&self, message: &dyn fmt::Display) {
        self.write(LogLevel::Warn, message);
    }

    /// Writes a message that helps to find out why no traces arrive.
    pub(crate) fn debug(&self, message: &dyn fmt::Display) {
        self.write(LogLevel::Debug, message);
    }

    /// Writes the settings at start, at every level: an option enables them.
    pub(crate) fn startup(&self, startup: Startup, is_agent_there: bool) {
        for line in startup.lines(is_agent_there) {
            let text = one_line(&line, MAX_STARTUP_BYTES);
            self.writer.write(Message { level: LogLevel::Info, text });
        }
    }

    fn write(&self, level: LogLevel, message: &dyn fmt::Display) {
        if level <= self.level {
            let text = one_line(&message.to_string(), MAX_BYTES);
            self.writer.write(Message { level, text });
        }
    }

    /// Writes a message about something that may happen again and again, unless the topic is
    /// still silent at `now`.
    pub(crate) fn limited(&self, topic: Topic, now: Instant, message: &dyn fmt::Display) {
        let is_due = |last: Option<&Instant>| {
            last.is_none_or(|last| now.saturating_duration_since(*last) >= self.interval)
        };
        if self.note(topic, now, is_due) {
            self.write(topic.level(), message);
        }
    }

    /// Writes a message about a misuse the first time, and never again. All but the first calls
    /// cost one atomic operation: they come from threads of the application.
    pub(crate) fn misuse(&self, misuse: Misuse, message: &dyn fmt::Display) {
        let bit = 1_u64.checked_shl(misuse as u32).unwrap_or(1 << 63);
        if self.reported.load(Relaxed) & bit == 0 && self.reported.fetch_or(bit, Relaxed) & bit == 0
        {
            self.line(message);
        }
    }

    /// Writes a message the first time that its topic comes up, and never again.
    pub(crate) fn once(&self, topic: Topic, message: &dyn fmt::Display) {
        if self.note(topic, Instant::now(), |last| last.is_none()) {
            self.write(topic.level(), message);
        }
    }

    /// Waits until the messages are written, for a short time at most.
    pub(crate) fn settle(&self) {
        self.writer.settle(PATIENCE);
    }

    /// Whether the topic is due; if so, takes note of that.
    fn note(
        &self,
        topic: Topic,
        now: Instant,
        is_due: impl FnOnce(Option<&Instant>) -> bool,
    ) -> bool {
        let mut last = lock(&self.last);
        let is_due = is_due(last.get(&topic));
        if is_due {
            last.insert(topic, now);
        }
        is_due
    }
}

/// The message without control characters, which would look like other messages, and cut where it
/// becomes too long.
fn one_line(message: &str, max_bytes: usize) -> String {
    let end = (0..=max_bytes.min(message.len())).rev().find(|end| message.is_char_boundary(*end));
    let (shown, cut) = message.split_at_checked(end.unwrap_or(0)).unwrap_or((message, ""));
    let shown = shown.chars().map(|c| if c.is_control() { ' ' } else { c });
    shown.chain((!cut.is_empty()).then_some('…')).collect()
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("interval", &self.interval).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{
        io::{self, Write},
        sync::Arc,
    };

    use super::*;

    /// The lines that were written to a log.
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
        log.writer.settle(interval);
        let expected =
            ["packdog: first", "packdog: another topic", "packdog: second", "packdog: once"];
        assert_eq!(written.lines(), expected);
    }

    #[test]
    fn each_misuse_is_reported_once_and_later_ones_wait_for_no_lock() {
        let written = Written::default();
        let log = Log::new(written.clone(), Duration::from_secs(60));
        log.misuse(Misuse::TooManyTags, &"tags");
        log.misuse(Misuse::ChangeAfterFinish, &"change");
        let _held = log.last.lock();
        log.misuse(Misuse::TooManyTags, &"tags again");
        log.writer.settle(Duration::from_secs(600));
        assert_eq!(written.lines(), ["packdog: tags", "packdog: change"]);
    }

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        let written = Written::default();
        let log = Log::new(written.clone(), INTERVAL);
        log.line(&"a\nb\u{1b}c");
        log.line(&"é".repeat(MAX_BYTES));
        log.writer.settle(Duration::from_secs(600));
        let lines = written.lines();
        assert_eq!(lines[0], "packdog: a b c");
        assert_eq!(lines[1].len(), "packdog: ".len() + MAX_BYTES + "…".len());
    }

    #[test]
    fn messages_below_the_level_are_not_written() {
        #[rustfmt::skip]
        let table: [(LogLevel, &[&str]); 5] = [
            (LogLevel::Off,   &[]),
            (LogLevel::Error, &["loss"]),
            (LogLevel::Warn,  &["loss", "line"]),
            (LogLevel::Info,  &["loss", "line"]),
            (LogLevel::Debug, &["loss", "line", "debug"]),
        ];
        for (level, texts) in table {
            let written = Written::default();
            let log = Log::with(Output::to(written.clone()), level, INTERVAL);
            log.limited(Topic::Loss, Instant::now(), &"loss");
            log.line(&"line");
            log.debug(&"debug");
            log.writer.settle(Duration::from_secs(600));
            let expected = texts.iter().map(|text| format!("packdog: {text}"));
            assert_eq!(written.lines(), expected.collect::<Vec<_>>(), "{level}");
        }
    }
}
