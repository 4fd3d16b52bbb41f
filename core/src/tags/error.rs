//! Tags of errors.

use packdog_api::names;

/// The type of the error, such as `std::io::Error`, or `panic`.
pub const TYPE: &str = names::ERROR_TYPE;
/// The message of the error.
pub const MESSAGE: &str = names::ERROR_MESSAGE;
/// The causes, and a backtrace if there is one.
pub const STACK: &str = names::ERROR_STACK;
/// The type of an error that is a panic.
pub const TYPE_PANIC: &str = names::ERROR_TYPE_PANIC;
