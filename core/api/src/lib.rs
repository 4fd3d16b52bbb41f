//! Datadog tracing for Rust libraries: spans, tags and baggage that do nothing until packdog is installed.
