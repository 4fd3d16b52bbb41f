//! The messages of the tracer itself: their level, destination and format.

use std::sync::Arc;

use crate::{
    Config,
    config::{LogFormat, LogLevel, Message, MessageHook, declare::options},
};

options! {
    /// The messages of the tracer itself: their level, destination and format.
    #[derive(Clone, Debug)]
    pub(crate) struct MessageSettings at |config| config.messages;

    /// Whether all messages are written, those for debugging included.
    pub(in crate::config) is_debug: bool = false, {
        variables: ["DD_TRACE_DEBUG"],
        default: "`false`",
        /// Sets whether all messages are written, those for debugging included.
        set: with_debug(is_debug: bool) => is_debug,
        get: is_debug -> bool = |is_debug| *is_debug,
    }

    /// The lowest level of messages that are written.
    pub(in crate::config) level: LogLevel = LogLevel::Warn, {
        variables: ["DD_TRACE_LOG_LEVEL", "DD_LOG_LEVEL"],
        format: "Values: `error`, `warn`, `info` and `debug`; `off` for none.",
        default: "`warn`",
        /// Sets the lowest level of messages that are written.
        set: with_log_level(level: LogLevel) => level,
    }

    /// The form of messages on standard error and in files. A logger of the `log` crate, if one is
    /// installed, gets the messages in place of standard error, and has a form of its own.
    format: LogFormat = LogFormat::Text, {
        variables: ["PACKDOG_LOG_FORMAT"],
        format: "Values: `text` and `json`.",
        default: "`text`",
        /// Sets the form of messages on standard error and in files.
        set: with_log_format(format: LogFormat) => format,
        get: log_format -> LogFormat = |format| *format,
    }

    /// The directory in which messages are also written to the file `packdog-<process id>.log`.
    directory: Option<String> = None, {
        variables: ["DD_TRACE_LOG_DIRECTORY"],
        default: "none",
        get: log_directory -> Option<&str> = |directory| directory.as_deref(),
    }

    /// Whether the tracer writes its settings and the state of the Datadog Agent as one line of
    /// JSON when it starts.
    has_startup_line: bool = false, {
        variables: ["DD_TRACE_STARTUP_LOGS"],
        default: "`false`",
        /// Sets whether the tracer writes its settings and the state of the Datadog Agent as one line
        /// of JSON when it starts.
        set: with_startup_logs(has_startup_line: bool) => has_startup_line,
        get: has_startup_logs -> bool = |has_startup_line| *has_startup_line,
    }

    also {
        /// The function that takes the messages.
        hook: Option<MessageHook> = None,
    }
}

impl Config {
    /// Sends the messages of the tracer to a function, in place of the `log` crate or standard
    /// error.
    ///
    /// It is called on a thread of the tracer's own, and only for messages that
    /// [`log_level`](Config::log_level) lets through. While it blocks, messages are dropped and
    /// counted.
    ///
    /// ```
    /// let config = packdog::Config::new().with_messages(|message| {
    ///     eprintln!("[{}] {message}", message.level);
    /// });
    /// ```
    pub fn with_messages(mut self, hook: impl Fn(&Message) + Send + Sync + 'static) -> Self {
        self.messages.hook = Some(MessageHook(Arc::new(hook)));
        self
    }

    #[cfg(feature = "agent")]
    pub(crate) fn messages_hook(&self) -> Option<&MessageHook> {
        self.messages.hook.as_ref()
    }

    /// The lowest level of messages that are written: all of them with `DD_TRACE_DEBUG`.
    pub fn log_level(&self) -> LogLevel {
        if self.messages.is_debug { LogLevel::Debug } else { self.messages.level }
    }
}
