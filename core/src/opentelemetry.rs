//! The settings of `packdog-opentelemetry`, which is a package of its own and finds them in the
//! tracer.

use packdog_api::Tracer;

use crate::propagation::Styles;

/// The part of the configuration that `packdog-opentelemetry` heeds; an extension of the tracer.
#[derive(Clone, Debug)]
pub struct OpenTelemetryConfig {
    /// Whether spans of OpenTelemetry's API become spans of packdog.
    pub is_enabled: bool,
    /// The names of the headers that injection may write.
    pub headers: Vec<&'static str>,
}

impl OpenTelemetryConfig {
    /// Returns the configuration of a tracer; the defaults if it has none.
    pub fn of(tracer: &Tracer) -> Self {
        tracer
            .extension::<Self>()
            .cloned()
            .unwrap_or_else(|| Self { is_enabled: true, headers: headers(&Styles::default()) })
    }

    #[cfg(any(test, feature = "agent", feature = "test-util"))]
    pub(crate) fn of_config(config: &crate::Config) -> Self {
        let styles = config.propagation().injected_styles();
        Self { is_enabled: config.has_opentelemetry(), headers: headers(&styles) }
    }
}

fn headers(styles: &Styles) -> Vec<&'static str> {
    styles.iter().flat_map(|style| style.headers().iter().copied()).collect()
}
