//! Tags of errors.

/// The type of the error, such as `std::io::Error`, or `panic`.
pub const TYPE: &str = "error.type";
/// What the error says.
pub const MESSAGE: &str = "error.message";
/// The causes, and a backtrace if there is one.
pub const STACK: &str = "error.stack";
/// The type of an error that is a panic.
pub const TYPE_PANIC: &str = "panic";
