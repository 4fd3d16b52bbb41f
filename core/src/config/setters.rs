//! What the code sets: it wins over the environment, because it comes last.

use std::time::Duration;

use super::{
    AgentUrl, ApiVersion, ConfigWarning, ParseError, parse::without_user_info,
    values::DEFAULT_PARTIAL_FLUSH_MIN_SPANS,
};
use crate::{
    Config,
    http::HttpConfig,
    propagation::PropagationConfig,
    sampling::{
        RulesError, SampleRate, SamplingRule, SpanSamplingRule, check_rules, check_span_rules,
    },
};

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
    /// (`DD_TRACE_PARTIAL_FLUSH_MIN_SPANS`), 300 by default; `None` waits for 10 000.
    pub fn with_partial_flush(mut self, min_spans: Option<usize>) -> Self {
        self.is_partial_flush_enabled = min_spans.is_some();
        self.partial_flush_min_spans = min_spans.unwrap_or(DEFAULT_PARTIAL_FLUSH_MIN_SPANS);
        self
    }

    /// Chooses the format in which traces are sent (`DD_TRACE_API_VERSION`), `v0.4` by default.
    pub fn with_api_version(mut self, version: ApiVersion) -> Self {
        self.api_version = version;
        self
    }

    /// Says whether span events have a field of their own even if the Datadog Agent does not say
    /// that it knows it (`DD_TRACE_NATIVE_SPAN_EVENTS`); they do not by default.
    pub fn with_native_span_events(mut self, has_native_span_events: bool) -> Self {
        self.has_native_span_events = has_native_span_events;
        self
    }

    /// Sets the rules about new traces (`DD_TRACE_SAMPLING_RULES`); the first one that matches
    /// decides.
    ///
    /// A rule whose rate is not from 0 to 1 is left out, with one of the
    /// [`warnings`](Config::warnings).
    ///
    /// ```
    /// use packdog::{Config, sampling::SamplingRule};
    ///
    /// let config = Config::new().with_sampling_rules([
    ///     SamplingRule::new(0.0).resource("GET /health*"),
    ///     SamplingRule::new(0.1).service("users"),
    ///     SamplingRule::new(7.0), // Not a rate.
    /// ]);
    /// assert_eq!(config.sampling_rules().len(), 2);
    /// assert_eq!(config.warnings().len(), 1);
    /// ```
    pub fn with_sampling_rules(mut self, rules: impl IntoIterator<Item = SamplingRule>) -> Self {
        let (rules, error) = check_rules(rules.into_iter().map(Ok));
        self.sampling_rules = rules;
        self.warn_of_rules("DD_TRACE_SAMPLING_RULES", error);
        self
    }

    /// Sets the rules about single spans of dropped traces (`DD_SPAN_SAMPLING_RULES`); the first
    /// one that matches a span decides.
    ///
    /// A rule that has no pattern, or whose rate is not from 0 to 1, is left out, with one of the
    /// [`warnings`](Config::warnings).
    ///
    /// ```
    /// use packdog::{Config, sampling::SpanSamplingRule};
    ///
    /// let rule = SpanSamplingRule::new().name("payment.*").rate(0.5).max_per_second(50.0);
    /// let config = Config::new().with_span_sampling_rules([rule, SpanSamplingRule::new()]);
    /// assert_eq!(config.span_sampling_rules().len(), 1);
    /// assert_eq!(config.warnings().len(), 1);
    /// ```
    pub fn with_span_sampling_rules(
        mut self,
        rules: impl IntoIterator<Item = SpanSamplingRule>,
    ) -> Self {
        let (rules, error) = check_span_rules(rules.into_iter().map(Ok));
        self.span_sampling_rules = Some(rules);
        self.warn_of_rules("DD_SPAN_SAMPLING_RULES", error);
        self
    }

    fn warn_of_rules(&mut self, variable: &'static str, error: Option<RulesError>) {
        self.warnings.extend(error.map(|error| ConfigWarning {
            variable,
            value: "set by code".to_owned(),
            error: ParseError::SamplingRules(error),
            default: "none",
        }));
    }

    /// Sets the fraction of new traces that is kept (`DD_TRACE_SAMPLE_RATE`), from 0 to 1; NaN
    /// leaves it to the Datadog Agent, which decides by default.
    pub fn with_sample_rate(mut self, rate: f64) -> Self {
        self.sample_rate = SampleRate::clamped(rate).ok();
        self
    }

    /// Limits how many new traces the rules and the sample rate keep in a second
    /// (`DD_TRACE_RATE_LIMIT`), 100 by default; `None` for no limit.
    pub fn with_rate_limit(mut self, per_second: Option<u32>) -> Self {
        self.rate_limit = per_second.map_or(-1, i64::from);
        self
    }

    /// Says which repository the program was built from (`DD_GIT_REPOSITORY_URL`); user and
    /// password are left out.
    pub fn with_git_repository_url(mut self, url: &str) -> Self {
        self.git_repository_url = Some(without_user_info(url));
        self
    }

    /// Says which commit the program was built from (`DD_GIT_COMMIT_SHA`).
    pub fn with_git_commit_sha(mut self, sha: impl Into<String>) -> Self {
        self.git_commit_sha = Some(sha.into());
        self
    }

    /// Says whether traces carry the name of the host (`DD_TRACE_REPORT_HOSTNAME`); they do not
    /// by default.
    pub fn with_reported_hostname(mut self, is_reported: bool) -> Self {
        self.is_hostname_reported = is_reported;
        self
    }

    /// Says whether traces carry the name and the directories of the program
    /// (`DD_EXPERIMENTAL_PROPAGATE_PROCESS_TAGS_ENABLED`); they do by default.
    pub fn with_process_tags(mut self, has_process_tags: bool) -> Self {
        self.has_process_tags = has_process_tags;
        self
    }

    /// Says which headers are read and written (`DD_TRACE_PROPAGATION_STYLE` and others).
    pub fn with_propagation(mut self, propagation: PropagationConfig) -> Self {
        self.propagation = propagation;
        self
    }

    /// Says what spans of HTTP servers and clients show
    /// (`DD_TRACE_HTTP_SERVER_ERROR_STATUSES` and others).
    pub fn with_http(mut self, http: HttpConfig) -> Self {
        self.http = http;
        self
    }

    /// Says whether logs show trace ids of 128 bits whole
    /// (`DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED`); they do by default.
    pub fn with_wide_trace_ids_in_logs(mut self, logs_wide_trace_ids: bool) -> Self {
        self.logs_wide_trace_ids = logs_wide_trace_ids;
        self
    }

    /// Reports spans that are open longer than this, with the place that created them
    /// (`PACKDOG_UNFINISHED_SPANS_AFTER_SECONDS`); for debugging, `None` by default.
    pub fn with_unfinished_after(mut self, after: Option<Duration>) -> Self {
        self.unfinished_after = after;
        self
    }
}
