//! Makes tracers, and shuts them down.

use std::{sync::Arc, time::Duration};

use opentelemetry::{InstrumentationScope, trace};
use packdog_api::Report;

use crate::{Tracer, life::Life};

/// A tracer provider of OpenTelemetry's API on packdog; a cheap handle.
///
/// [`install`](crate::install) makes one for the whole process. Alone, it serves code that takes a
/// provider or a tracer as a value:
///
/// ```
/// use opentelemetry::trace::{Tracer, TracerProvider as _};
/// use packdog_opentelemetry::TracerProvider;
///
/// let tracer = TracerProvider::new().tracer("bakery");
/// tracer.in_span("bread.bake", |_cx| println!("baking"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct TracerProvider {
    life: Arc<Life>,
}

impl TracerProvider {
    /// Returns a provider. Its tracers may be made before packdog is installed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a provider that was shut down.
    pub(crate) fn over() -> Self {
        let provider = Self::new();
        provider.life.end();
        provider
    }

    /// Sends all finished spans of packdog's current tracer, and waits for that, at most `timeout`.
    /// Blocks the thread.
    ///
    /// All of them have reached the Datadog Agent if [`Report::is_complete`] and
    /// [`Report::dropped`] has not grown.
    pub fn force_flush(&self, timeout: Duration) -> Report {
        packdog_api::Tracer::current().flush(timeout)
    }

    /// Like [`force_flush`](TracerProvider::force_flush), and the tracers of this provider record
    /// nothing from then on. Packdog itself goes on: its guard ends it. A second call does nothing.
    pub fn shutdown(&self, timeout: Duration) -> Report {
        if self.life.end() { self.force_flush(timeout) } else { Report::default() }
    }
}

impl trace::TracerProvider for TracerProvider {
    type Tracer = Tracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> Tracer {
        Tracer::new(scope, Arc::clone(&self.life))
    }
}
