//! The tracer as a value, and the one that is installed for the whole process.

use std::{
    borrow::Cow,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use super::Backing;
use crate::{
    carrier::{Carrier, CarrierMut},
    implementation::{AlreadyInstalled, Recorder, TracerParts},
    metrics::Metrics,
    report::Report,
    scope::{TracerScope, current_tracer},
    span::{SpanBuilder, SpanContext},
};

static INSTALLED: OnceLock<Tracer> = OnceLock::new();

/// Set when the first tracer with an implementation is made, and never taken back.
static IS_AWAKE: AtomicBool = AtomicBool::new(false);

/// Whether there has never been an implementation in this process: then all calls do nothing.
pub(crate) fn is_dormant() -> bool {
    !IS_AWAKE.load(Relaxed)
}

/// Where spans go; a cheap handle.
///
/// Several tracers with different settings can live in one process. A span that begins a trace
/// uses the tracer it is started from, else that of the [scope](Tracer::enter), else the
/// installed one; its descendants stay with it.
#[derive(Clone, Debug, Default)]
pub struct Tracer(Option<Arc<Backing>>);

impl Tracer {
    /// A tracer that records nothing.
    pub const fn disabled() -> Self {
        Self(None)
    }

    /// The tracer of the scope, else the installed one, else a disabled one.
    pub fn current() -> Self {
        if is_dormant() {
            return Self::disabled();
        }
        current_tracer().or_else(|| INSTALLED.get().cloned()).unwrap_or_default()
    }

    pub(crate) fn new(parts: TracerParts) -> Self {
        IS_AWAKE.store(true, Relaxed);
        Self(Some(Arc::new(Backing::new(parts))))
    }

    pub(crate) fn of(backing: Arc<Backing>) -> Self {
        Self(Some(backing))
    }

    pub(crate) fn install(tracer: Tracer) -> Result<(), AlreadyInstalled> {
        INSTALLED.set(tracer).map_err(|_| AlreadyInstalled)
    }

    pub(crate) fn backing(&self) -> Option<&Arc<Backing>> {
        self.0.as_ref()
    }

    pub(crate) fn recorder(&self) -> Option<&dyn Recorder> {
        self.0.as_ref().map(|backing| &*backing.recorder)
    }

    /// Whether something stands behind this tracer.
    pub fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    /// A span to be started, in a trace of this tracer if it begins one.
    #[track_caller]
    pub fn span(&self, name: impl Into<Cow<'static, str>>) -> SpanBuilder {
        SpanBuilder::new(name).tracer(self)
    }

    /// Makes this the tracer of the current thread until the guard is dropped.
    ///
    /// ```
    /// use packdog_api::{Tracer, span};
    ///
    /// let tracer = Tracer::current(); // Or one of several, or that of a test.
    /// let _scope = tracer.enter();
    /// span("hello").in_scope(|_| ()); // Goes where `tracer` says, if it begins a trace.
    /// ```
    pub fn enter(&self) -> TracerScope {
        TracerScope::enter(self.clone())
    }

    /// Reads trace and baggage from headers. What is malformed is as if absent.
    pub fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        self.0.as_ref().map(|backing| backing.propagator.extract(carrier)).unwrap_or_default()
    }

    /// Writes the headers by which `context` is continued; usually called as
    /// [`Span::inject`](crate::Span::inject).
    pub fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) {
        if let Some(backing) = &self.0 {
            backing.propagator.inject(context, carrier);
        }
    }

    /// Sends all finished spans and waits for that, at most `timeout`.
    ///
    /// Blocks the calling thread; [`flush_async`](Tracer::flush_async) does not.
    ///
    /// ```
    /// use std::time::Duration;
    /// use packdog_api::Tracer;
    ///
    /// let report = Tracer::current().flush(Duration::from_secs(1));
    /// assert!(report.is_complete(), "{} spans still wait", report.queued);
    /// ```
    pub fn flush(&self, timeout: Duration) -> Report {
        self.flush_until(deadline(timeout))
    }

    /// Like [`flush`](Tracer::flush), and records nothing from then on.
    pub fn shutdown(&self, timeout: Duration) -> Report {
        self.shutdown_until(deadline(timeout))
    }

    /// Returns how many spans were sent, sampled out and lost, and how many wait.
    ///
    /// ```
    /// use packdog_api::Tracer;
    ///
    /// let metrics = Tracer::current().metrics();
    /// println!("{} spans sent, {} lost", metrics.sent, metrics.dropped.total());
    /// ```
    pub fn metrics(&self) -> Metrics {
        self.recorder().map(|recorder| recorder.metrics()).unwrap_or_default()
    }

    pub(super) fn flush_until(&self, deadline: Instant) -> Report {
        self.recorder().map(|recorder| recorder.flush(deadline)).unwrap_or_default()
    }

    pub(super) fn shutdown_until(&self, deadline: Instant) -> Report {
        self.recorder().map(|recorder| recorder.shutdown(deadline)).unwrap_or_default()
    }
}

/// The end of `timeout`; a year from now where the clock does not reach further.
pub(super) fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or_else(|| now + YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder;

    #[test]
    fn a_timeout_beyond_the_clock_is_a_long_one() {
        let (tracer, recorder) = recorder::tracer();
        tracer.flush(Duration::MAX);
        assert_eq!(recorder.flushes(), 1);
        assert!(deadline(Duration::MAX) > deadline(Duration::from_secs(60)));
    }
}
