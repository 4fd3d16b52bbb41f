//! The tracer that is current, and the one that is installed for the whole process.

use std::{borrow::Cow, sync::OnceLock};

use super::{AlreadyInstalled, SpanBuilder, is_declined};
use crate::{
    awake::is_dormant,
    recording::Tracer,
    scope::{TracerScope, current_tracer},
};

static INSTALLED: OnceLock<Tracer> = OnceLock::new();
/// Whether this process was never told what to do with spans: no tracer is installed, and tracing
/// was not declined either.
pub fn is_forgotten() -> bool {
    INSTALLED.get().is_none() && !is_declined()
}

impl Tracer {
    /// Returns the tracer of the scope, else the installed one, else a disabled one.
    pub fn current() -> Self {
        if is_dormant() {
            return Self::disabled();
        }
        current_tracer().or_else(|| INSTALLED.get().cloned()).unwrap_or_default()
    }

    pub(crate) fn install(tracer: Tracer) -> Result<(), AlreadyInstalled> {
        INSTALLED.set(tracer).map_err(|_| AlreadyInstalled)
    }

    /// Returns a builder for a span. If it begins a trace, that belongs to this tracer.
    #[track_caller]
    pub fn span(&self, name: impl Into<Cow<'static, str>>) -> SpanBuilder {
        SpanBuilder::new(name).tracer(self)
    }

    /// Makes this the tracer of the current thread until the guard is dropped.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use packdog::{Tracer, span};
    ///
    /// let tracer = Tracer::current(); // Or one of several, or that of a test.
    /// let _scope = tracer.enter();
    /// span("hello").in_scope(|_| ()); // Uses `tracer` if it begins a trace.
    /// ```
    pub fn enter(&self) -> TracerScope {
        TracerScope::enter(self.clone())
    }
}
