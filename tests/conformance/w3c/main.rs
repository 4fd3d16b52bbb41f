//! [W3C Trace Context](https://www.w3.org/TR/trace-context/) through both middlewares: what the W3C's own suite asks, and what the text implies.
//!
//! ```text
//! case ──POST /test, odd headers──▶ w3c-service ──POST, traceparent and tracestate──▶ harness, which keeps them
//! ```
//! The name of a test, or the first column of its table, is the rule that fails with it.

// Clippy lets functions beside the tests unwrap only below `cfg(test)`.
#[cfg(test)]
mod harness;

#[cfg(test)]
mod traceparent;
#[cfg(test)]
mod tracestate;
