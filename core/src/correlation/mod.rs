//! The fields of a log line by which Datadog shows it with its trace.
//!
//! ```text
//! dd.trace_id  32 hex digits; the low 64 bits in decimal if the high ones are zero or unwanted
//! dd.span_id   decimal
//! dd.service  dd.env  dd.version
//! ```
//! A field that is not known is left out.
//! Rules: [Correlate logs and traces](https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/).

mod fields;
#[cfg(feature = "log")]
mod logger;
mod settings;

#[cfg(feature = "log")]
pub use self::logger::CorrelatedLog;
pub use self::{
    fields::{LogFields, LogValue},
    settings::LogCorrelation,
};

/// Returns the fields of a log line that is written now: the ids of the current span, and the
/// service, environment and version of the current tracer.
///
/// For loggers that take fields or a text. Lines of the `tracing` crate are written by
/// `packdog::tracing::CorrelatedJson` and `CorrelatedText`, those of the `log` crate by
/// `CorrelatedLog`.
///
/// ```
/// let line = format!("{} bread is out", packdog::log_correlation());
/// assert_eq!(line, " bread is out"); // Nothing is installed and no span is current.
/// ```
pub fn log_correlation() -> LogFields {
    LogCorrelation::current().fields()
}
