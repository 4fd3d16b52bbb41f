//! Text logs of `tracing_subscriber::fmt` with our fields at the start of each line.

use std::fmt;

use tracing_core::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use super::belongs::span_of;
use crate::correlation::LogCorrelation;

/// A text format of `tracing_subscriber::fmt`, with
/// `[dd.trace_id=… dd.span_id=… dd.service=… dd.env=… dd.version=…]` before each line.
///
/// It wraps any format: the full one, `compact`, `pretty`, or one of your own. The ids are those
/// that [`CorrelatedJson`](super::CorrelatedJson) writes. A line without any known field is not
/// changed.
///
/// ```
/// use packdog::{correlation::LogCorrelation, tracing::CorrelatedText};
///
/// let correlation = LogCorrelation::new().with_service("users");
/// let subscriber = tracing_subscriber::fmt()
///     .map_event_format(|format| CorrelatedText::new(format.compact(), correlation))
///     .finish();
/// # drop(subscriber);
/// ```
#[derive(Clone, Debug)]
pub struct CorrelatedText<F> {
    format: F,
    correlation: LogCorrelation,
}

impl<F> CorrelatedText<F> {
    /// Wraps `format` and adds the fields of `correlation`.
    pub fn new(format: F, correlation: LogCorrelation) -> Self {
        Self { format, correlation }
    }
}

impl<S, N, F> FormatEvent<S, N> for CorrelatedText<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let fields = self.correlation.fields_of(&span_of(context, event));
        if !fields.is_empty() {
            write!(writer, "[{fields}] ")?;
        }
        self.format.format_event(context, writer, event)
    }
}
