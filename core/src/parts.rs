//! The parts that every tracer of this package has, whether it delivers spans or collects them.

#[cfg(any(test, feature = "agent", feature = "test-util"))]
use std::sync::Arc;

use packdog_api::{
    SpanContext,
    carrier::{Carrier, CarrierMut},
    implementation,
};
#[cfg(any(test, feature = "agent", feature = "test-util"))]
use packdog_api::{
    TagValue,
    implementation::{Recorder, Settings, TraceStart, TracerParts},
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

/// Returns the settings of a trace that begins, and the tags that came as baggage.
#[cfg(any(test, feature = "agent", feature = "test-util"))]
pub(crate) fn trace_start(
    settings: &Arc<Settings>,
    propagator: &Propagator,
    parent: &SpanContext,
) -> TraceStart {
    let mut start = TraceStart::new(Arc::clone(settings));
    let tags = propagator.baggage_tags(parent.baggage());
    start.tags.extend(tags.map(|(name, value)| (name, TagValue::from(value).into_owned())));
    start
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
