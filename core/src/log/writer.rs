//! Lines on their way to an output that may block.
//!
//! A line is handed to a thread of its own, which exists only while there is something to write.
//! So a standard error that is not read blocks neither the application nor the delivery of spans:
//! the lines that find no room are dropped, and counted in the next line that can be written.

use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::Duration,
};

use packdog_api::internal::{lock, unpoisoned};

use super::output::{FindLogger, Logger, Output};
use crate::config::{LogLevel, Message};

/// The most lines that wait.
const MAX_LINES: usize = 64;

/// Hands lines to a thread.
#[derive(Clone)]
pub(super) struct Writer(Arc<Shared>);

struct Shared {
    find_logger: FindLogger,
    lines: Mutex<Lines>,
    /// Notified when the thread has ended.
    idle: Condvar,
    /// Locked by the thread alone.
    output: Mutex<Output>,
}

/// A line with the logger that the application had when the line was handed over: the warnings of
/// the start do not depend on when the thread runs and the application installs its logger.
type Line = (Message, Option<Logger>);

#[derive(Default)]
struct Lines {
    waiting: VecDeque<Line>,
    /// Lines that found no room.
    lost: u64,
    has_thread: bool,
    /// Whether a call waited in vain, and nothing has been written since.
    is_stuck: bool,
}

impl Writer {
    pub(super) fn new(output: Output) -> Self {
        Self(Arc::new(Shared {
            find_logger: output.find_logger(),
            lines: Mutex::default(),
            idle: Condvar::new(),
            output: Mutex::new(output),
        }))
    }

    /// Takes a line; never waits for the output.
    pub(super) fn write(&self, message: Message) {
        let line = (message, (self.0.find_logger)());
        let mut lines = self.0.lines();
        if lines.waiting.len() >= MAX_LINES {
            lines.lost += 1;
            return;
        }
        lines.waiting.push_back(line);
        if mem::replace(&mut lines.has_thread, true) {
            return;
        }
        let shared = Arc::clone(&self.0);
        let thread = thread::Builder::new().name("packdog-log".to_owned());
        if thread.spawn(move || shared.write_all()).is_err() {
            // The next line tries again.
            lines.has_thread = false;
            lines.lost += lines.waiting.len() as u64;
            lines.waiting.clear();
        }
    }

    /// Waits until all lines are written, at most `patience`, and not at all if the last call
    /// waited in vain and nothing has been written since.
    pub(super) fn settle(&self, patience: Duration) {
        let lines = self.0.lines();
        if lines.is_stuck {
            return;
        }
        let waited = self.0.idle.wait_timeout_while(lines, patience, |lines| lines.has_thread);
        let (mut lines, _) = unpoisoned(waited);
        lines.is_stuck = lines.has_thread;
    }
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        lock(&self.lines)
    }

    /// Writes until nothing is left.
    fn write_all(&self) {
        let mut output = lock(&self.output);
        while let Some((message, logger)) = self.next() {
            output.write(&message, logger);
            self.lines().is_stuck = false;
        }
        self.idle.notify_all();
    }

    /// The next line; `None`, and the thread has to end, if there is none.
    fn next(&self) -> Option<Line> {
        let mut lines = self.lines();
        let line = lines.waiting.pop_front().or_else(|| match mem::take(&mut lines.lost) {
            0 => None,
            lost => {
                let text = format!("{lost} messages were dropped, because writing them blocked");
                Some((Message { level: LogLevel::Warn, text }, (self.find_logger)()))
            }
        });
        lines.has_thread = line.is_some();
        line
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{
            atomic::{AtomicBool, Ordering::SeqCst},
            mpsc::{Receiver, Sender, channel},
        },
    };

    use super::*;
    use crate::log::tests::Written;

    fn message(text: &str) -> Message {
        Message { level: LogLevel::Warn, text: text.to_owned() }
    }

    /// An output that blocks until it is told to go on.
    struct Blocked {
        written: Written,
        reached: Sender<()>,
        gate: Receiver<()>,
    }

    impl Write for Blocked {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.reached.send(());
            let _ = self.gate.recv();
            self.written.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_output_that_blocks_delays_no_caller_and_the_lines_beyond_the_limit_are_counted() {
        let written = Written::default();
        let ((reached, is_reached), (gate, closed)) = (channel(), channel::<()>());
        let blocked = Blocked { written: written.clone(), reached, gate: closed };
        let writer = Writer::new(Output::to(blocked));
        writer.write(message("first"));
        is_reached.recv().unwrap();
        for line in 0..MAX_LINES + 3 {
            writer.write(message(&format!("line {line}")));
        }
        writer.settle(Duration::from_millis(1));
        writer.settle(Duration::from_secs(600)); // It has waited in vain before.
        assert_eq!(written.lines(), [""; 0]);

        drop(gate);
        // The last line is announced before it is written: nothing announces that it is.
        while written.lines().len() < MAX_LINES + 2 {
            let _ = is_reached.recv_timeout(Duration::from_millis(1));
        }
        let lines = written.lines();
        assert_eq!(lines[..2], ["packdog: first", "packdog: line 0"]);
        assert_eq!(
            lines.last().map(String::as_str),
            Some("packdog: 3 messages were dropped, because writing them blocked")
        );
    }

    static HAS_LOGGER: AtomicBool = AtomicBool::new(false);

    /// A logger that swallows everything, once the application has installed it.
    fn late_logger() -> Option<Logger> {
        HAS_LOGGER.load(SeqCst).then(|| Logger {
            logger: log::logger(), // That of a program without one.
            filter: log::LevelFilter::Trace,
        })
    }

    #[test]
    fn a_message_goes_to_the_logger_that_there_was_when_it_came() {
        let written = Written::default();
        let ((reached, is_reached), (gate, closed)) = (channel(), channel::<()>());
        let blocked = Blocked { written: written.clone(), reached, gate: closed };
        let writer = Writer::new(Output::to(blocked).with_logger(late_logger));
        writer.write(message("first"));
        is_reached.recv().unwrap();
        writer.write(message("before the logger"));
        HAS_LOGGER.store(true, SeqCst);
        writer.write(message("after the logger"));
        drop(gate);
        writer.settle(Duration::from_secs(600));
        assert_eq!(written.lines(), ["packdog: first", "packdog: before the logger"]);
    }

    #[test]
    fn an_output_that_fails_does_no_harm() {
        struct Closed;

        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let writer = Writer::new(Output::to(Closed));
        writer.write(message("unread"));
        writer.settle(Duration::from_secs(600));
        assert!(!writer.0.lines().has_thread);
    }
}
