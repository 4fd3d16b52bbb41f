//! The settings of one tracer.

use std::time::Duration;

use super::{
    AgentUrl, ApiVersion, ConfigWarning,
    agent_url::{DEFAULT_HOST, DEFAULT_PORT},
    env,
    options::options,
};
use crate::{
    http::HttpConfig,
    propagation::PropagationConfig,
    sampling::{SampleRate, SamplingRule, SpanSamplingRule},
};

/// The service where neither code, environment nor executable names one.
const UNNAMED_SERVICE: &str = "unnamed-rust-service";
const DEFAULT_DOGSTATSD_PORT: u16 = 8125;
/// Where an Agent on the same host has its Unix socket.
const DEFAULT_SOCKET: &str = "/var/run/datadog/apm.socket";
const DEFAULT_RATE_LIMIT: i64 = 100;
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
    /// Where the Agent listens if nobody says so.
    default_agent_url: AgentUrl,
    /// Without brackets.
    pub(super) agent_host: Option<String>,
    pub(super) agent_port: Option<u16>,
    pub(super) agent_timeout: Duration,
    /// Without brackets.
    pub(super) dogstatsd_host: Option<String>,
    pub(super) dogstatsd_port: u16,
    pub(super) external_env: Option<String>,
    pub(super) api_version: ApiVersion,
    pub(super) has_native_span_events: bool,
    pub(super) sampling_rules: Vec<SamplingRule>,
    /// `None` if neither code nor the environment sets them.
    pub(super) span_sampling_rules: Option<Vec<SpanSamplingRule>>,
    /// For when the environment has no rules about spans.
    pub(super) span_sampling_rules_file: Option<String>,
    pub(super) sample_rate: Option<SampleRate>,
    /// Traces in a second; negative for no limit.
    pub(super) rate_limit: i64,
    /// Without user info.
    pub(super) git_repository_url: Option<String>,
    pub(super) git_commit_sha: Option<String>,
    pub(super) is_git_metadata_enabled: bool,
    pub(super) is_hostname_reported: bool,
    pub(super) hostname: Option<String>,
    pub(super) has_process_tags: bool,
    pub(super) has_wide_trace_ids: bool,
    pub(super) logs_wide_trace_ids: bool,
    pub(super) unfinished_after: Option<Duration>,
    pub(super) is_partial_flush_enabled: bool,
    pub(super) partial_flush_min_spans: usize,
    pub(super) propagation: PropagationConfig,
    pub(super) http: HttpConfig,
    pub(super) warnings: Vec<ConfigWarning>,
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
            default_agent_url: AgentUrl::default(),
            agent_host: None,
            agent_port: None,
            agent_timeout: DEFAULT_TIMEOUT,
            dogstatsd_host: None,
            dogstatsd_port: DEFAULT_DOGSTATSD_PORT,
            external_env: None,
            api_version: ApiVersion::default(),
            has_native_span_events: false,
            sampling_rules: Vec::new(),
            span_sampling_rules: None,
            span_sampling_rules_file: None,
            sample_rate: None,
            rate_limit: DEFAULT_RATE_LIMIT,
            git_repository_url: None,
            git_commit_sha: None,
            is_git_metadata_enabled: true,
            is_hostname_reported: false,
            hostname: None,
            has_process_tags: true,
            has_wide_trace_ids: true,
            logs_wide_trace_ids: true,
            unfinished_after: None,
            is_partial_flush_enabled: true,
            partial_flush_min_spans: DEFAULT_PARTIAL_FLUSH_MIN_SPANS,
            propagation: PropagationConfig::default(),
            http: HttpConfig::default(),
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
        config.read_span_rules_file(env::file);
        if let Some(name) = env::executable_name() {
            config.default_service = name;
        }
        if env::exists(DEFAULT_SOCKET) {
            config.default_agent_url = AgentUrl::of_socket(DEFAULT_SOCKET);
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

    /// Where the Datadog Agent listens: the URL, else what host and port say, else the Unix socket
    /// `/var/run/datadog/apm.socket` if the environment was read and it is there, else
    /// `http://localhost:8126`.
    pub fn agent_url(&self) -> AgentUrl {
        let host = self.agent_host.as_deref();
        match &self.agent_url {
            Some(url) => url.clone(),
            None if host.is_none() && self.agent_port.is_none() => self.default_agent_url.clone(),
            None => {
                let port = self.agent_port.unwrap_or(DEFAULT_PORT);
                AgentUrl::new(host.unwrap_or(DEFAULT_HOST), port)
            }
        }
    }

    /// How long a request to the Datadog Agent may take.
    pub fn agent_timeout(&self) -> Duration {
        self.agent_timeout
    }

    /// The host of DogStatsD (`DD_DOGSTATSD_HOST`): its own, else that of the Datadog Agent.
    /// Nothing is sent there yet.
    pub fn dogstatsd_host(&self) -> &str {
        let host = self.dogstatsd_host.as_deref().or(self.agent_host.as_deref());
        host.unwrap_or(DEFAULT_HOST)
    }

    /// The port of DogStatsD (`DD_DOGSTATSD_PORT`), 8125 by default.
    pub fn dogstatsd_port(&self) -> u16 {
        self.dogstatsd_port
    }

    /// Where the process runs (`DD_EXTERNAL_ENV`), for the Datadog Agent.
    pub fn external_env(&self) -> Option<&str> {
        self.external_env.as_deref()
    }

    /// The format in which traces are sent, if the Datadog Agent takes it.
    pub fn api_version(&self) -> ApiVersion {
        self.api_version
    }

    /// Whether span events have a field of their own even if the Datadog Agent does not say that
    /// it knows it.
    pub fn has_native_span_events(&self) -> bool {
        self.has_native_span_events
    }

    /// Returns the rules about new traces, in the order in which they are tried.
    pub fn sampling_rules(&self) -> &[SamplingRule] {
        &self.sampling_rules
    }

    /// Returns the rules about single spans of dropped traces, in the order in which they are
    /// tried.
    pub fn span_sampling_rules(&self) -> &[SpanSamplingRule] {
        self.span_sampling_rules.as_deref().unwrap_or_default()
    }

    /// The fraction of new traces that is kept; `None` if the Datadog Agent decides.
    pub fn sample_rate(&self) -> Option<&SampleRate> {
        self.sample_rate.as_ref()
    }

    /// The most new traces that rules and the sample rate keep in a second; `None` for no limit.
    pub fn rate_limit(&self) -> Option<u32> {
        let is_limited = self.rate_limit >= 0;
        is_limited.then(|| u32::try_from(self.rate_limit).unwrap_or(u32::MAX))
    }

    /// The repository that the program was built from, if traces carry it.
    pub fn git_repository_url(&self) -> Option<&str> {
        self.git_repository_url.as_deref().filter(|_| self.is_git_metadata_enabled)
    }

    /// The commit that the program was built from, if traces carry it.
    pub fn git_commit_sha(&self) -> Option<&str> {
        self.git_commit_sha.as_deref().filter(|_| self.is_git_metadata_enabled)
    }

    /// The name of the host, if traces carry it and it is known.
    ///
    /// On Linux the operating system tells it; elsewhere `DD_HOSTNAME` has to.
    pub fn reported_hostname(&self) -> Option<String> {
        let hostname = || self.hostname.clone().or_else(env::hostname);
        self.is_hostname_reported.then(hostname).flatten()
    }

    /// Whether traces carry the name and the directories of the program.
    pub fn has_process_tags(&self) -> bool {
        self.has_process_tags
    }

    /// Whether somebody named the service; otherwise it is the executable's name.
    #[cfg(feature = "agent")]
    pub(crate) fn is_service_named(&self) -> bool {
        self.service.is_some()
    }

    /// Which headers are read and written.
    pub fn propagation(&self) -> &PropagationConfig {
        &self.propagation
    }

    /// What spans of HTTP servers and clients show.
    pub fn http(&self) -> &HttpConfig {
        &self.http
    }

    /// Whether logs show trace ids of 128 bits whole.
    pub fn logs_wide_trace_ids(&self) -> bool {
        self.logs_wide_trace_ids
    }

    /// After how long a span that is still open is reported; `None` never.
    pub fn unfinished_after(&self) -> Option<Duration> {
        self.unfinished_after
    }

    /// Whether new traces get ids of 128 bits.
    pub fn has_wide_trace_ids(&self) -> bool {
        self.has_wide_trace_ids
    }

    /// How many finished spans leave before the end of their trace; `None` waits for 10 000.
    pub fn partial_flush(&self) -> Option<usize> {
        self.is_partial_flush_enabled.then_some(self.partial_flush_min_spans)
    }
}
