//! The fields of a log line that connect it with its trace in Datadog.
//!
//! ```text
//! dd.trace_id  32 hex digits; the low 64 bits in decimal if the high ones are zero or unwanted
//! dd.span_id   decimal
//! dd.service  dd.env  dd.version
//! ```
//! Unknown fields are left out. Rules: [Correlate logs and
//! traces](https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/).

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

/// Whether this is the target of a message that the crate `opentelemetry` writes about itself.
///
/// It may write them while its stack of contexts is locked. With `packdog-opentelemetry`, looking
/// for the current span would then panic, so such messages belong to no span.
#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) fn is_of_opentelemetry(target: &str) -> bool {
    target.starts_with("opentelemetry")
}

/// Returns the fields of a log line that is written now: the ids of the current span, and the
/// service, environment and version of the current tracer.
///
/// For loggers that take fields or a text. For the `tracing` crate use
/// `packdog::tracing::CorrelatedJson` or `CorrelatedText`, for the `log` crate `CorrelatedLog`.
///
/// ```
/// let line = format!("{} bread is out", packdog::correlation::log_correlation());
/// assert_eq!(line, " bread is out"); // Nothing is installed and no span is current.
/// ```
pub fn log_correlation() -> LogFields {
    LogCorrelation::current().fields()
}
