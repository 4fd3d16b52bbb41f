//! OpenTelemetry's API on spans of packdog.

use crate::config::declare::options;

options! {
    /// OpenTelemetry's API on spans of packdog.
    #[derive(Clone, Debug)]
    pub(crate) struct OpenTelemetrySettings at |config| config.opentelemetry;

    /// Whether spans of OpenTelemetry's API become spans of packdog, where `packdog-opentelemetry`
    /// is installed.
    is_enabled: bool = true, {
        variables: ["DD_TRACE_OTEL_ENABLED"],
        default: "`true`",
        /// Sets whether spans of OpenTelemetry's API become spans of packdog, where
        /// `packdog-opentelemetry` is installed.
        set: with_opentelemetry(is_enabled: bool) => is_enabled,
        get: has_opentelemetry -> bool = |is_enabled| *is_enabled,
    }
}
