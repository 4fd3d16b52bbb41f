//! Tests of the whole package, on a collector.

mod attributes;
mod baggage;
mod current;
mod errors;
mod names;
mod propagator;
mod spans;
mod tracing;

use opentelemetry::{
    KeyValue,
    trace::{SpanBuilder, SpanKind, Tracer as _, TracerProvider as _},
};
use packdog::test_util::{Collector, collect};
use packdog_api::TracerScope;

use crate::{Span, Tracer, TracerProvider, share_current_span};

/// A collector that is current on this thread, with the current span shared.
fn collector() -> (Collector, TracerScope) {
    share_current_span();
    collect()
}

fn tracer() -> Tracer {
    TracerProvider::new().tracer("bakery")
}

fn start(name: &'static str) -> Span {
    tracer().start(name)
}

fn builder(kind: SpanKind, attributes: Vec<KeyValue>) -> SpanBuilder {
    tracer().span_builder("bake").with_kind(kind).with_attributes(attributes)
}
