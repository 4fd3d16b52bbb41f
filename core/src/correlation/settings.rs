//! The settings of log correlation: the service that writes the log, and the form of trace ids.

use std::sync::Arc;

use super::fields::{LogFields, Origin, Value};
use crate::{Span, Tracer, current_span, span::TraceId};

/// The service, environment and version in log lines, and the form of their trace ids.
///
/// ```
/// use packdog::correlation::LogCorrelation;
///
/// let correlation = LogCorrelation::new().with_service("users").with_env("prod");
/// // With a current span, `dd.trace_id` and `dd.span_id` come first.
/// assert_eq!(correlation.fields().to_string(), "dd.service=users dd.env=prod");
/// ```
#[derive(Clone, Debug)]
pub struct LogCorrelation {
    origin: Arc<Origin>,
    has_128_bit_trace_ids: bool,
}

impl LogCorrelation {
    /// Returns settings without service, environment or version, and with trace ids of 128 bits.
    pub fn new() -> Self {
        Self { origin: Arc::default(), has_128_bit_trace_ids: true }
    }

    /// Returns the settings of the current tracer.
    pub fn current() -> Self {
        let tracer = Tracer::current();
        tracer.extension::<Self>().cloned().unwrap_or_default()
    }

    #[cfg(any(feature = "agent", feature = "test-util"))]
    pub(crate) fn of(config: &crate::Config) -> Self {
        Self::new()
            .with_service(config.service())
            .with_env(config.env().unwrap_or_default())
            .with_version(config.version().unwrap_or_default())
            .with_128_bit_trace_ids(config.logs_128_bit_trace_ids())
    }

    /// Sets `dd.service` (`DD_SERVICE`); left out if empty.
    pub fn with_service(self, service: &str) -> Self {
        self.with(|origin| service.clone_into(&mut origin.service))
    }

    /// Sets `dd.env` (`DD_ENV`); left out if empty.
    pub fn with_env(self, env: &str) -> Self {
        self.with(|origin| env.clone_into(&mut origin.env))
    }

    /// Sets `dd.version` (`DD_VERSION`); left out if empty.
    pub fn with_version(self, version: &str) -> Self {
        self.with(|origin| version.clone_into(&mut origin.version))
    }

    /// Sets whether trace ids of 128 bits are written in full
    /// (`DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED`, the default) or only their low 64 bits.
    pub fn with_128_bit_trace_ids(mut self, has_128_bit_trace_ids: bool) -> Self {
        self.has_128_bit_trace_ids = has_128_bit_trace_ids;
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Origin)) -> Self {
        change(Arc::make_mut(&mut self.origin));
        self
    }

    /// Returns the fields of a log line that is written now, with the ids of the current span.
    pub fn fields(&self) -> LogFields {
        self.fields_of(&current_span())
    }

    /// Returns the fields of a log line about `span`.
    pub fn fields_of(&self, span: &Span) -> LogFields {
        let trace_id = span.trace_id().map(|id| self.trace_id(id));
        LogFields::new(trace_id, span.span_id(), Arc::clone(&self.origin))
    }

    fn trace_id(&self, id: TraceId) -> Value<'static> {
        if self.has_128_bit_trace_ids && id.high() != 0 {
            Value::Wide(id)
        } else {
            Value::Decimal(id.low())
        }
    }
}

impl Default for LogCorrelation {
    fn default() -> Self {
        Self::new()
    }
}
