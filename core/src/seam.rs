//! What every implementation of ours answers alike, whether it delivers spans or collects them.

use std::{any::Any, sync::Arc};

use packdog_api::{
    SpanContext,
    implementer::{Begun, Settings},
};

use crate::{correlation::LogCorrelation, http::HttpConfig, propagation::Propagator};

/// How a trace begins: with these settings, and with the tags that came as baggage.
pub(crate) fn begun(
    settings: &Arc<Settings>,
    propagator: &Propagator,
    parent: &SpanContext,
) -> Begun {
    let mut begun = Begun::new(Arc::clone(settings));
    let tags = propagator.baggage_tags(parent.baggage());
    begun.tags.extend(tags.map(|(name, value)| (name, value.into())));
    begun
}

/// What packages above find in the configuration, by its type.
pub(crate) fn extensions<'a>(
    http: &'a Arc<HttpConfig>,
    correlation: &'a LogCorrelation,
) -> [&'a dyn Any; 2] {
    [http, correlation]
}
