//! The comments that ddtrace writes into SQL statements.

use std::io;

use serde::Deserialize;

use super::{install::run, runtime::Runtime, skip::Test};

/// A comment of ddtrace.
#[derive(Debug, Deserialize, PartialEq)]
pub struct SqlComment {
    /// The comment, with a space behind it.
    pub text: String,
    /// The tag `_dd.dbm_trace_injected` of the span.
    pub injected: Option<String>,
}

/// Returns the comments of ddtrace for these spans, or prints that the test is skipped and returns `None`.
///
/// # Errors
/// The program fails.
///
/// # Panics
/// When Python is missing while `CI` is set.
pub fn sql_comments(spans: &serde_json::Value) -> io::Result<Option<Vec<SqlComment>>> {
    let test = Test::current();
    let Some(mut command) = Runtime::Python.command(&test, "sql_comments.py") else {
        return Ok(None);
    };
    let output = run(command.arg(spans.to_string()))?;
    serde_json::from_str(&output).map(Some).map_err(io::Error::other)
}
