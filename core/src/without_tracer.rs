//! A message of a process that has no tracer, and so no log of one.

#[cfg(not(feature = "agent"))]
use std::io::{self, Write as _};
use std::thread;

#[cfg(feature = "agent")]
use crate::{Config, log::Log};

/// Writes a warning where a tracer would write it, by a thread of its own: reading the environment
/// and writing may block.
pub fn write_without_tracer(message: &'static str) {
    let thread = thread::Builder::new().name("packdog-log".to_owned());
    // Without a thread there is no message: the caller does not wait for it.
    let _ = thread.spawn(|| write(message));
}

#[cfg(feature = "agent")]
fn write(message: &str) {
    Log::of(&Config::from_env()).line(&message);
}

#[cfg(not(feature = "agent"))]
fn write(message: &str) {
    // If standard error is closed, there is no other place to report that.
    let _ = io::stderr().write_all(format!("packdog: {message}\n").as_bytes());
}
