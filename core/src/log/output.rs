//! The place where messages are written: the application's hook, the `log` crate, or a stream; and
//! a file beside them.
//!
//! All of this runs on the log's own thread, and may block.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
};

use packdog_api::internal::caught;

use crate::{
    Config,
    config::{LogFormat, LogLevel, Message, MessageHook},
};

/// The most bytes that a file of messages gets from one process.
const MAX_FILE_BYTES: usize = 10 << 20;

/// The target of messages in the `log` crate.
const TARGET: &str = "packdog";

/// Returns the logger of the `log` crate, if the application has one.
pub(super) type FindLogger = fn() -> Option<Logger>;

/// Writes messages.
pub(super) struct Output {
    hook: Option<MessageHook>,
    format: LogFormat,
    find_logger: FindLogger,
    stream: Box<dyn Write + Send>,
    directory: Option<PathBuf>,
    file: Option<File>,
    file_bytes: usize,
}

impl Output {
    /// Writes to the configured destination.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            hook: config.messages_hook().cloned(),
            format: config.log_format(),
            find_logger: installed_logger,
            directory: config.log_directory().map(PathBuf::from),
            ..Self::to(io::stderr())
        }
    }

    /// Like [`of`](Output::of), for a forked child: a thread of its parent may have held the lock of
    /// standard error, which the child then waits for in vain.
    pub(super) fn of_child(config: &Config) -> Self {
        Self { stream: Box::new(UnlockedStderr), ..Self::of(config) }
    }

    /// Writes lines of text to a stream and to nowhere else.
    pub(super) fn to(stream: impl Write + Send + 'static) -> Self {
        Self {
            hook: None,
            format: LogFormat::Text,
            find_logger: || None,
            stream: Box::new(stream),
            directory: None,
            file: None,
            file_bytes: 0,
        }
    }

    #[cfg(test)]
    pub(super) fn with_logger(self, find_logger: FindLogger) -> Self {
        Self { find_logger, ..self }
    }

    /// Returns the function that finds the logger for a message, on the thread that has the message.
    pub(super) fn find_logger(&self) -> FindLogger {
        self.find_logger
    }

    /// Writes a message to the file, and to the hook, else to this logger, else to the stream.
    pub(super) fn write(&mut self, message: &Message, logger: Option<Logger>) {
        self.write_to_file(message);
        if let Some(MessageHook(hook)) = &self.hook {
            // A hook that panics loses one message, and no later one.
            caught(|| hook(message));
        } else if let Some(logger) = logger {
            caught(|| logger.log(message));
        } else {
            // If the stream is closed, there is no other place to report that.
            let _ = self.stream.write_all(line(message, self.format).as_bytes());
        }
    }

    fn write_to_file(&mut self, message: &Message) {
        let Some(directory) = &self.directory else { return };
        if self.file.is_none() {
            match open(directory) {
                Ok(file) => self.file = Some(file),
                Err(error) => {
                    let text = format!(
                        "DD_TRACE_LOG_DIRECTORY {:?} cannot be written to: {error}. \
                         Create the directory, or unset the variable.",
                        directory.display().to_string()
                    );
                    self.directory = None;
                    let logger = (self.find_logger)();
                    return self.write(&Message { level: LogLevel::Warn, text }, logger);
                }
            }
        }
        let line = line(message, self.format);
        self.file_bytes += line.len();
        if let Some(file) = &mut self.file
            && self.file_bytes <= MAX_FILE_BYTES
        {
            let _ = file.write_all(line.as_bytes());
        }
    }
}

/// Standard error without the lock of the standard library.
struct UnlockedStderr;

impl Write for UnlockedStderr {
    #[cfg(unix)]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        use std::os::fd::AsFd;

        // A copy for each message: the application may have put something else in its place.
        File::from(io::stderr().as_fd().try_clone_to_owned()?).write(bytes)
    }

    /// There is no fork.
    #[cfg(not(unix))]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn open(directory: &Path) -> io::Result<File> {
    fs::create_dir_all(directory)?;
    let path = directory.join(format!("packdog-{}.log", process::id()));
    OpenOptions::new().create(true).append(true).open(path)
}

/// A logger of the `log` crate, and the least important records that it gets.
#[derive(Clone, Copy)]
pub(super) struct Logger {
    pub(super) logger: &'static dyn ::log::Log,
    pub(super) filter: ::log::LevelFilter,
}

impl Logger {
    fn log(&self, message: &Message) {
        let level = level(message.level);
        let metadata = ::log::Metadata::builder().level(level).target(TARGET).build();
        if level > self.filter || !self.logger.enabled(&metadata) {
            return;
        }
        let args = format_args!("{}", message.text);
        self.logger.log(&::log::Record::builder().metadata(metadata).args(args).build());
    }
}

/// Returns the logger that the application has installed; `None` if it has none, or one that is
/// switched off.
fn installed_logger() -> Option<Logger> {
    let filter = ::log::max_level();
    (filter != ::log::LevelFilter::Off).then(|| Logger { logger: ::log::logger(), filter })
}

fn level(level: LogLevel) -> ::log::Level {
    match level {
        LogLevel::Off | LogLevel::Error => ::log::Level::Error,
        LogLevel::Warn => ::log::Level::Warn,
        LogLevel::Info => ::log::Level::Info,
        LogLevel::Debug => ::log::Level::Debug,
    }
}

/// A whole line, so that it is written in one piece.
fn line(message: &Message, format: LogFormat) -> String {
    let Message { level, text } = message;
    match format {
        LogFormat::Json => {
            let json = serde_json::json!({
                "level": level.as_str(),
                "target": TARGET,
                "message": text,
            });
            format!("{json}\n")
        }
        LogFormat::Text => format!("packdog: {text}\n"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::log::tests::Written;

    fn message(text: &str) -> Message {
        Message { level: LogLevel::Warn, text: text.to_owned() }
    }

    #[test]
    fn a_line_is_text_or_json() {
        let quoted = message("a \"b\"");
        assert_eq!(line(&quoted, LogFormat::Text), "packdog: a \"b\"\n");
        let json = "{\"level\":\"warn\",\"message\":\"a \\\"b\\\"\",\"target\":\"packdog\"}\n";
        assert_eq!(line(&quoted, LogFormat::Json), json);
    }

    /// A payload of a panic that cannot be dropped without another one.
    struct PanicsAgain;

    impl Drop for PanicsAgain {
        fn drop(&mut self) {
            std::panic::panic_any(Self);
        }
    }

    #[test]
    fn a_hook_takes_the_messages_and_may_panic() {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&taken);
        let config = Config::new().with_messages(move |message| {
            sink.lock().unwrap().push(message.text.clone());
            assert!(message.text != "bad", "a hook that panics");
            if message.text == "worse" {
                std::panic::panic_any(PanicsAgain);
            }
        });
        let written = Written::default();
        let mut output = Output { stream: Box::new(written.clone()), ..Output::of(&config) };
        for text in ["one", "worse", "bad", "two"] {
            let hook = std::panic::take_hook();
            std::panic::set_hook(Box::new(|_| {}));
            output.write(&message(text), None);
            std::panic::set_hook(hook);
        }
        let taken = match taken.lock() {
            Ok(taken) => taken.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        };
        assert_eq!(taken[..3], ["one", "worse", "bad"]);
        assert_eq!(written.lines(), [""; 0]);
    }

    /// A logger of an application, which has a mind of its own about levels.
    struct Kept(Mutex<Vec<String>>);

    static KEPT: Kept = Kept(Mutex::new(Vec::new()));

    impl ::log::Log for Kept {
        fn enabled(&self, metadata: &::log::Metadata<'_>) -> bool {
            metadata.target() == "packdog"
        }

        fn log(&self, record: &::log::Record<'_>) {
            self.0.lock().unwrap().push(format!("{} {}", record.level(), record.args()));
        }

        fn flush(&self) {}
    }

    #[test]
    fn a_logger_of_the_application_gets_the_messages_that_it_lets_through() {
        let written = Written::default();
        let logger = Some(Logger { logger: &KEPT, filter: ::log::LevelFilter::Warn });
        let mut output = Output::to(written.clone());
        output.write(&message("warned"), logger);
        output.write(&Message { level: LogLevel::Debug, text: "too much".to_owned() }, logger);
        assert_eq!(*KEPT.0.lock().unwrap(), ["WARN warned"]);
        assert_eq!(written.lines(), [""; 0]);
    }

    #[test]
    fn a_directory_gets_a_file_beside_the_stream() {
        let directory = std::env::temp_dir().join(format!("packdog-output-{}", process::id()));
        let written = Written::default();
        let mut output = Output {
            directory: Some(directory.clone()),
            format: LogFormat::Json,
            ..Output::to(written.clone())
        };
        output.write(&message("both"), None);
        let file = directory.join(format!("packdog-{}.log", process::id()));
        let in_file = fs::read_to_string(&file).unwrap();
        fs::remove_dir_all(&directory).unwrap();
        assert_eq!(in_file.lines().collect::<Vec<_>>(), written.lines());
        assert!(in_file.contains("\"both\""), "{in_file}");
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named_once() {
        let written = Written::default();
        let directory = Some(PathBuf::from("/proc/none/of/that"));
        let mut output = Output { directory, ..Output::to(written.clone()) };
        output.write(&message("one"), None);
        output.write(&message("two"), None);
        let lines = written.lines();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("DD_TRACE_LOG_DIRECTORY"), "{lines:?}");
        assert_eq!(lines[1..], ["packdog: one", "packdog: two"]);
    }
}
