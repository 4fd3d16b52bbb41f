//! The parts that every tracer of this package has, whether it delivers spans or collects them.

#[cfg(any(test, feature = "agent", feature = "test-util"))]
use std::sync::Arc;

#[cfg(any(test, feature = "agent", feature = "test-util"))]
use packdog_api::implementation::{Recorder, RootTags, TracerParts};
use packdog_api::{
    SpanContext,
    carrier::{Carrier, CarrierMut},
    implementation,
};

use crate::propagation::Propagator;
#[cfg(any(test, feature = "agent", feature = "test-util"))]
use crate::{
    Config, correlation::LogCorrelation, http::HttpConfig, opentelemetry::OpenTelemetryConfig,
    sql::SqlComments,
};

impl implementation::Propagator for Propagator {
    fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        self.extract(carrier)
    }

    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str> {
        self.inject(context, carrier)
    }
}

/// Sets the tags that came as baggage on the root of a trace.
#[cfg(any(test, feature = "agent", feature = "test-util"))]
pub(crate) fn tag_root(propagator: &Propagator, parent: &SpanContext, root: &mut RootTags<'_>) {
    if parent.baggage().is_empty() {
        return; // Most traces.
    }
    for (name, value) in propagator.baggage_tags(parent.baggage()) {
        root.set(&name, value);
    }
}

/// Returns the parts of a tracer with the configuration that middlewares and logs look up.
#[cfg(any(test, feature = "agent", feature = "test-util"))]
pub(crate) fn tracer_parts<R: Recorder>(
    recorder: Arc<R>,
    config: &Config,
    http: HttpConfig,
) -> TracerParts {
    TracerParts::new(recorder)
        .extension(Arc::new(http))
        .extension(LogCorrelation::of(config))
        .extension(OpenTelemetryConfig::of_config(config))
        .extension(SqlComments::of(config))
        .extension(config.settings())
}
