//! A message of the tracer itself, and the hook that takes it.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use super::LogLevel;

/// A message of the tracer itself: one line, without a line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Its importance.
    pub level: LogLevel,
    /// Its text.
    pub text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The function that takes the messages in place of the log.
#[derive(Clone)]
#[cfg_attr(not(feature = "agent"), expect(dead_code, reason = "only a tracer has messages"))]
pub(crate) struct MessageHook(pub(crate) Arc<dyn Fn(&Message) + Send + Sync>);

/// A hook that has panicked is called again: each message is one of its own.
impl UnwindSafe for MessageHook {}
impl RefUnwindSafe for MessageHook {}

impl fmt::Debug for MessageHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageHook")
    }
}
