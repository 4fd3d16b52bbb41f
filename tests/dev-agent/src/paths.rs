//! The paths that tracers ask for, each spelled once.

pub(crate) const TRACES_V04: &str = "/v0.4/traces";
pub(crate) const TRACES_V05: &str = "/v0.5/traces";
pub(crate) const STATS: &str = "/v0.6/stats";
pub(crate) const INFO: &str = "/info";
pub(crate) const TELEMETRY: &str = "/telemetry/proxy/api/v2/apmtelemetry";
pub(crate) const REMOTE_CONFIGURATION: &str = "/v0.7/config";
