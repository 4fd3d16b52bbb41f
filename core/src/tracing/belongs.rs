//! The span that an event belongs to, for the lines of a log.

use tracing_core::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatFields},
    registry::LookupSpan,
};

use super::layer::nearest;
use crate::{Span, correlation::is_of_opentelemetry, current_span};

/// Returns the span that the event has as its parent, else the current one.
///
/// An event without a parent (`parent: None`) belongs to the current span as well: `tracing` does
/// not distinguish it from a parent that a filter has disabled, and a line with ids that are nearly
/// right can be found from its trace, while one without ids cannot.
pub(super) fn span_of<S, N>(context: &FmtContext<'_, S, N>, event: &Event<'_>) -> Span
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let named = event.parent().and_then(|id| context.span(id));
    named.and_then(|span| nearest(&span)).unwrap_or_else(|| {
        if is_of_opentelemetry(event.metadata().target()) {
            Span::nothing()
        } else {
            current_span()
        }
    })
}
