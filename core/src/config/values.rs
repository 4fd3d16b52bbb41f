//! The settings of one tracer.

use std::time::Duration;

use super::{
    AgentUrl, ConfigWarning,
    agent_url::{DEFAULT_HOST, DEFAULT_PORT},
    env,
    options::options,
};
use crate::propagation::PropagationConfig;

/// The service where neither code, environment nor executable names one.
const UNNAMED_SERVICE: &str = "unnamed-rust-service";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(2);
pub(super) const DEFAULT_PARTIAL_FLUSH_MIN_SPANS: usize = 300;

/// The settings of a tracer: from code, else from the environment, else by default.
///
/// ```
/// use packdog::Config;
///
/// let config = Config::from_env().with_service("users").with_env("staging");
/// assert_eq!(config.service(), "users");
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(super) service: Option<String>,
    default_service: String,
    pub(super) env: Option<String>,
    pub(super) version: Option<String>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) is_enabled: bool,
    pub(super) agent_url: Option<AgentUrl>,
    /// Without brackets.
    pub(super) agent_host: Option<String>,
    pub(super) agent_port: Option<u16>,
    pub(super) agent_timeout: Duration,
    pub(super) external_env: Option<String>,
    pub(super) has_wide_trace_ids: bool,
    pub(super) is_partial_flush_enabled: bool,
    pub(super) partial_flush_min_spans: usize,
    pub(super) propagation: PropagationConfig,
    warnings: Vec<ConfigWarning>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            service: None,
            default_service: UNNAMED_SERVICE.to_owned(),
            env: None,
            version: None,
            tags: Vec::new(),
            is_enabled: true,
            agent_url: None,
            agent_host: None,
            agent_port: None,
            agent_timeout: DEFAULT_TIMEOUT,
            external_env: None,
            has_wide_trace_ids: true,
            is_partial_flush_enabled: true,
            partial_flush_min_spans: DEFAULT_PARTIAL_FLUSH_MIN_SPANS,
            propagation: PropagationConfig::default(),
            warnings: Vec::new(),
        }
    }
}

impl Config {
    /// The defaults alone; the environment is not looked at.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the environment of the process says.
    ///
    /// Unusable values are as if unset, and there are [`warnings`](Config::warnings) about them.
    pub fn from_env() -> Self {
        let (mut config, _) = Self::from_lookup(env::variable);
        if let Some(name) = env::executable_name() {
            config.default_service = name;
        }
        config
    }

    /// What an environment says in which `lookup` finds the variables.
    ///
    /// ```
    /// let (config, warnings) = packdog::Config::from_lookup(|name| match name {
    ///     "DD_SERVICE" => Some("users".to_owned()),
    ///     "DD_TRACE_ENABLED" => Some("perhaps".to_owned()),
    ///     _ => None,
    /// });
    /// assert_eq!(config.service(), "users");
    /// assert!(config.is_enabled());
    /// assert_eq!(warnings[0].variable, "DD_TRACE_ENABLED");
    /// ```
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> (Self, Vec<ConfigWarning>) {
        let mut config = Self::default();
        let warnings: Vec<_> =
            options().filter_map(|option| option.apply(&mut config, &lookup).err()).collect();
        config.warnings.clone_from(&warnings);
        (config, warnings)
    }

    /// What was unusable in the environment; printed when a tracer starts.
    pub fn warnings(&self) -> &[ConfigWarning] {
        &self.warnings
    }

    /// The service.
    pub fn service(&self) -> &str {
        self.service.as_ref().unwrap_or(&self.default_service)
    }

    /// The environment of the service.
    pub fn env(&self) -> Option<&str> {
        self.env.as_deref()
    }

    /// The version of the service.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The tags of every span, without environment and version; each key once.
    pub fn tags(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether anything is traced.
    pub fn is_enabled(&self) -> bool {
        self.is_enabled
    }

    /// Where the Datadog Agent listens: the URL, else what host and port say.
    pub fn agent_url(&self) -> AgentUrl {
        let host = self.agent_host.as_deref().unwrap_or(DEFAULT_HOST);
        let port = self.agent_port.unwrap_or(DEFAULT_PORT);
        self.agent_url.clone().unwrap_or_else(|| AgentUrl::new(host, port))
    }

    /// How long a request to the Datadog Agent may take.
    pub fn agent_timeout(&self) -> Duration {
        self.agent_timeout
    }

    /// Where the process runs (`DD_EXTERNAL_ENV`), for the Datadog Agent.
    pub fn external_env(&self) -> Option<&str> {
        self.external_env.as_deref()
    }

    /// Which headers are read and written.
    pub fn propagation(&self) -> &PropagationConfig {
        &self.propagation
    }

    /// Whether new traces get ids of 128 bits.
    pub fn has_wide_trace_ids(&self) -> bool {
        self.has_wide_trace_ids
    }

    /// How many finished spans leave before the end of their trace; `None` never.
    pub fn partial_flush(&self) -> Option<usize> {
        self.is_partial_flush_enabled.then_some(self.partial_flush_min_spans)
    }
}
