//! The fields of one log line as values, as text and as a map.

use std::{fmt, sync::Arc};

#[cfg(feature = "tracing")]
use serde::{Serialize, Serializer};

use crate::span::{SpanId, TraceId};

/// The service that writes the log; empty texts are unknown.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    pub(super) service: String,
    pub(super) env: String,
    pub(super) version: String,
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
pub(super) enum Value<'a> {
    Wide(TraceId),
    Decimal(u64),
    Text(&'a str),
}

impl LogFields {
    pub(super) fn new(
        trace_id: Option<Value<'static>>,
        span_id: Option<SpanId>,
        origin: Arc<Origin>,
    ) -> Self {
        Self { trace_id, span_id, origin }
    }

    /// Whether no field is known.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Returns the known fields with their names, in the order of the module's table.
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

    /// Returns the value of the field with this name, such as `dd.trace_id`.
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

/// Serializes as text, because ids do not fit into the numbers of JavaScript.
#[cfg(feature = "tracing")]
impl Serialize for LogValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
