//! What a log line says so that Datadog shows it with its trace.
//!
//! ```text
//! dd.trace_id  32 hex digits; the low 64 bits in decimal if the high ones are zero or unwanted
//! dd.span_id   decimal
//! dd.service  dd.env  dd.version
//! ```
//! What is not known is left out.
//! Rules: [Correlate logs and traces](https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/).

use std::{fmt, sync::Arc};

use packdog_api::implementer;
#[cfg(feature = "tracing")]
use serde::{Serialize, Serializer};

use crate::{Span, SpanId, TraceId, Tracer, current_span};

/// What a log line says that is written now: the ids of the current span, and what the current
/// tracer is configured with.
///
/// For loggers that take fields or a text; JSON lines of the `tracing` crate are written by
/// `packdog::tracing::CorrelatedJson`.
///
/// ```
/// let line = format!("{} bread is out", packdog::log_correlation());
/// assert_eq!(line, " bread is out"); // Nothing is installed and no span is current.
/// ```
pub fn log_correlation() -> LogFields {
    LogCorrelation::current().fields()
}

/// What log lines say about the service, and how they write trace ids.
///
/// ```
/// use packdog::correlation::LogCorrelation;
///
/// let correlation = LogCorrelation::new().with_service("users").with_env("prod");
/// // `dd.trace_id` and `dd.span_id` come first where a span is current.
/// assert_eq!(correlation.fields().to_string(), "dd.service=users dd.env=prod");
/// ```
#[derive(Clone, Debug)]
pub struct LogCorrelation {
    origin: Arc<Origin>,
    has_wide_trace_ids: bool,
}

/// Who writes the log; what is empty is not known.
#[derive(Clone, Debug, Default)]
struct Origin {
    service: String,
    env: String,
    version: String,
}

impl LogCorrelation {
    /// No service, environment or version, and trace ids of 128 bits.
    pub fn new() -> Self {
        Self { origin: Arc::default(), has_wide_trace_ids: true }
    }

    /// What the current tracer is configured with.
    pub fn current() -> Self {
        let tracer = Tracer::current();
        implementer::extension::<Self>(&tracer).cloned().unwrap_or_default()
    }

    #[cfg(any(feature = "agent", feature = "test-util"))]
    pub(crate) fn of(config: &crate::Config) -> Self {
        Self::new()
            .with_service(config.service())
            .with_env(config.env().unwrap_or_default())
            .with_version(config.version().unwrap_or_default())
            .with_wide_trace_ids(config.logs_wide_trace_ids())
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

    /// Whether trace ids of 128 bits are written whole
    /// (`DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED`, on by default), or only their low 64 bits.
    pub fn with_wide_trace_ids(mut self, has_wide_trace_ids: bool) -> Self {
        self.has_wide_trace_ids = has_wide_trace_ids;
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Origin)) -> Self {
        change(Arc::make_mut(&mut self.origin));
        self
    }

    /// What a log line says that is written now: about the current span.
    pub fn fields(&self) -> LogFields {
        self.fields_of(&current_span())
    }

    /// What a log line says about this span.
    pub fn fields_of(&self, span: &Span) -> LogFields {
        LogFields {
            trace_id: span.trace_id().map(|id| self.trace_id(id)),
            span_id: span.span_id(),
            origin: Arc::clone(&self.origin),
        }
    }

    fn trace_id(&self, id: TraceId) -> Value<'static> {
        if self.has_wide_trace_ids && id.high() != 0 {
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

/// The fields of one log line; [`Display`](fmt::Display) writes `dd.trace_id=… dd.span_id=…`, and
/// serde (feature `tracing`) a map.
#[derive(Clone, Debug)]
pub struct LogFields {
    trace_id: Option<Value<'static>>,
    span_id: Option<SpanId>,
    origin: Arc<Origin>,
}

/// The value of one field; [`Display`](fmt::Display) writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogValue<'a>(Value<'a>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value<'a> {
    Wide(TraceId),
    Decimal(u64),
    Text(&'a str),
}

impl LogFields {
    /// The fields that are known, with their names, in the order of the module's table.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, LogValue<'_>)> {
        let text = |text| Some(Value::Text(text)).filter(|value| *value != Value::Text(""));
        [
            ("dd.trace_id", self.trace_id),
            ("dd.span_id", self.span_id.map(|id| Value::Decimal(id.to_u64()))),
            ("dd.service", text(&self.origin.service)),
            ("dd.env", text(&self.origin.env)),
            ("dd.version", text(&self.origin.version)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, LogValue(value?))))
    }

    /// The value of one field, by its whole name.
    pub fn get(&self, name: &str) -> Option<LogValue<'_>> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl fmt::Display for LogFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().enumerate().try_for_each(|(place, (name, value))| {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{name}={value}")
        })
    }
}

#[cfg(feature = "tracing")]
impl Serialize for LogFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl fmt::Display for LogValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Wide(id) => write!(f, "{id}"),
            Value::Decimal(id) => write!(f, "{id}"),
            Value::Text(text) => f.write_str(text),
        }
    }
}

/// Always a text: ids do not fit the numbers of JavaScript.
#[cfg(feature = "tracing")]
impl Serialize for LogValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
