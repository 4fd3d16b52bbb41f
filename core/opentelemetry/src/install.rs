//! Installs everything for the whole process.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use opentelemetry::global;
use packdog::opentelemetry::OpenTelemetryConfig;
use packdog_api::implementation::{is_declined, set_scope_bridge};

use crate::{Propagator, TracerProvider, current::Bridge};

/// The provider that was installed.
static INSTALLED: Mutex<Option<TracerProvider>> = Mutex::new(None);

/// Makes packdog the implementation of OpenTelemetry's tracing API for the whole process: sets the
/// global tracer provider and the global propagator, and [shares the current
/// span](share_current_span).
///
/// Call it after `packdog::init()`. A provider that was set before is replaced. A later call changes
/// nothing and returns the same provider.
///
/// With `DD_TRACE_OTEL_ENABLED=false`, or `OTEL_SDK_DISABLED=true` where the former is unset, it does
/// nothing, and the returned provider makes spans that record nothing.
///
/// ```no_run
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let _packdog = packdog::init()?;
///     packdog_opentelemetry::install()?;
///     Ok(())
/// }
/// ```
///
/// # Errors
/// Packdog is not installed.
pub fn install() -> Result<TracerProvider, InstallError> {
    let tracer = packdog::Tracer::current();
    if !tracer.is_enabled() {
        let is_off = is_declined();
        return is_off.then(TracerProvider::over).ok_or(InstallError::NoTracer);
    }
    if !OpenTelemetryConfig::of(&tracer).is_enabled {
        return Ok(TracerProvider::over());
    }
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(provider) = &*installed {
        return Ok(provider.clone());
    }
    let provider = TracerProvider::new();
    share_current_span();
    global::set_tracer_provider(provider.clone());
    global::set_text_map_propagator(Propagator::new());
    *installed = Some(provider.clone());
    Ok(provider)
}

/// Makes the current span of packdog that of OpenTelemetry, and the other way round, for the whole
/// process. This cannot be undone; a later call does nothing.
///
/// Part of [`install`]. Code that takes a [`TracerProvider`] as a value calls it alone.
pub fn share_current_span() {
    set_scope_bridge(Bridge);
}

/// The reason why packdog could not be made the implementation of OpenTelemetry's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstallError {
    /// Packdog is not installed: call `packdog::init()` first.
    NoTracer,
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTracer => f.write_str("no tracer is installed; call packdog::init() first"),
        }
    }
}

impl std::error::Error for InstallError {}
