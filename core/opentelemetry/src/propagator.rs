//! Reads and writes headers with packdog's styles, for OpenTelemetry's API.

use opentelemetry::{
    Context,
    baggage::BaggageExt,
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
};
use packdog::opentelemetry::OpenTelemetryConfig;
use packdog_api::{
    Span, Tracer,
    carrier::{Carrier, CarrierMut},
};

use crate::current::{Beside, span_of};

/// A propagator of OpenTelemetry's API that uses the styles, limits and rules of packdog's current
/// tracer.
///
/// Extraction returns a context whose span continues the received trace with its priority, origin,
/// tags and baggage. Injection makes the sampling decision of the trace if there is none. Until
/// packdog is installed, it reads and writes nothing.
///
/// Unlike packdog's own injection, it cannot remove headers of an earlier trace from the carrier:
/// the API has no way to do that.
#[derive(Debug)]
pub struct Propagator {
    fields: Vec<String>,
}

impl Propagator {
    /// Returns a propagator. The names that `fields()` lists are those of the styles that the current
    /// tracer injects.
    pub fn new() -> Self {
        let config = OpenTelemetryConfig::of(&Tracer::current());
        Self { fields: config.headers.into_iter().map(str::to_owned).collect() }
    }
}

impl Default for Propagator {
    fn default() -> Self {
        Self::new()
    }
}

impl TextMapPropagator for Propagator {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let found = span_of(cx, None);
        let mut headers = Headers(injector);
        let mut context = found.span.outgoing_context();
        if let Some(baggage) = found.changed_baggage(cx.baggage()) {
            context = context.with_baggage(baggage);
        }
        found.span.inject_context(&context, &mut headers);
    }

    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let context = Tracer::current().extract(&Fields(extractor));
        if context.is_empty() {
            return cx.clone();
        }
        Beside::attach_to(cx, &Span::continuing(context))
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}

/// The field lines of an extractor.
struct Fields<'a>(&'a dyn Extractor);

impl Carrier for Fields<'_> {
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        for name in self.0.keys() {
            for value in self.0.get_all(name).into_iter().flatten() {
                visit(name, value.as_bytes());
            }
        }
    }
}

/// An injector, which can set headers alone.
struct Headers<'a>(&'a mut dyn Injector);

impl CarrierMut for Headers<'_> {
    fn set(&mut self, name: &str, value: &str) {
        self.0.set(name, value.to_owned());
    }

    fn remove(&mut self, _: &str) {}

    fn remove_all(&mut self, _: &dyn Fn(&str) -> bool) {}
}
