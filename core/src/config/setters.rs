//! What the code sets: it wins over the environment, because it comes last.

use std::time::Duration;

use super::{AgentUrl, values::DEFAULT_PARTIAL_FLUSH_MIN_SPANS};
use crate::{Config, propagation::PropagationConfig};

impl Config {
    /// Names the service (`DD_SERVICE`).
    pub fn with_service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Names the environment of the service (`DD_ENV`), such as `prod`.
    pub fn with_env(mut self, env: impl Into<String>) -> Self {
        self.env = Some(env.into());
        self
    }

    /// Names the version of the service (`DD_VERSION`).
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Adds a tag of every span (`DD_TAGS`); one with a known key replaces it.
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.tags.retain(|(known, _)| *known != key);
        self.tags.push((key, value));
        self
    }

    /// Turns tracing on or off (`DD_TRACE_ENABLED`); on by default.
    pub fn with_enabled(mut self, is_enabled: bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// Says where the Datadog Agent listens (`DD_TRACE_AGENT_URL`).
    pub fn with_agent_url(mut self, url: AgentUrl) -> Self {
        self.agent_url = Some(url);
        self
    }

    /// Limits a request to the Datadog Agent (`DD_TRACE_AGENT_TIMEOUT_SECONDS`); 2 s by default.
    pub fn with_agent_timeout(mut self, timeout: Duration) -> Self {
        self.agent_timeout = timeout;
        self
    }

    /// Says whether new traces get ids of 128 bits
    /// (`DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED`); they do by default.
    pub fn with_wide_trace_ids(mut self, has_wide_trace_ids: bool) -> Self {
        self.has_wide_trace_ids = has_wide_trace_ids;
        self
    }

    /// Says how many finished spans leave before the end of their trace
    /// (`DD_TRACE_PARTIAL_FLUSH_MIN_SPANS`), 300 by default; `None` never.
    pub fn with_partial_flush(mut self, min_spans: Option<usize>) -> Self {
        self.is_partial_flush_enabled = min_spans.is_some();
        self.partial_flush_min_spans = min_spans.unwrap_or(DEFAULT_PARTIAL_FLUSH_MIN_SPANS);
        self
    }

    /// Says which headers are read and written (`DD_TRACE_PROPAGATION_STYLE` and others).
    pub fn with_propagation(mut self, propagation: PropagationConfig) -> Self {
        self.propagation = propagation;
        self
    }
}
