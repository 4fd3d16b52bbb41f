//! Starts spans of packdog for OpenTelemetry's API.

use std::sync::Arc;

use opentelemetry::{
    Context, InstrumentationScope,
    baggage::{Baggage, BaggageExt},
    trace::{self, SpanBuilder, TraceContextExt},
};

use crate::{Span, baggage::from_theirs, current::span_of, life::Life, registry, span::start};

/// A tracer of OpenTelemetry's API, whose spans are spans of packdog.
///
/// A span that begins a trace belongs to [`packdog::Tracer::current`]; until packdog is installed,
/// spans record nothing.
#[derive(Clone, Debug)]
pub struct Tracer {
    scope: InstrumentationScope,
    life: Arc<Life>,
}

impl Tracer {
    pub(crate) fn new(scope: InstrumentationScope, life: Arc<Life>) -> Self {
        Self { scope, life }
    }
}

impl trace::Tracer for Tracer {
    type Span = Span;

    fn build_with_context(&self, builder: SpanBuilder, parent_cx: &Context) -> Span {
        if parent_cx.is_telemetry_suppressed() {
            return Span::nothing(trace::SpanContext::NONE);
        }
        let unrecorded = || Span::nothing(parent_cx.span().span_context().clone());
        if self.life.is_over() {
            return unrecorded();
        }
        let found = span_of(parent_cx, None);
        let theirs = parent_cx.baggage();
        let baggage = found.changed_baggage(theirs);
        let owned = start(builder, &self.scope, found.span, baggage);
        if owned.is_nothing() {
            return unrecorded();
        }
        let span = Span::owning(owned);
        if !theirs.is_empty() {
            note_baggage(&span, theirs);
        }
        span
    }
}

/// Notes that contexts of a new span begin with the baggage of its parent's context.
fn note_baggage(span: &Span, theirs: &Baggage) {
    trace::Span::span_context(span); // Lists the span.
    if let Some(id) = span.of_packdog().span_id() {
        registry::set_given(id, from_theirs(theirs));
    }
}
