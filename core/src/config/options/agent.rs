//! The Datadog Agent: its address, timeout and wire format.

use std::{fmt, time::Duration};

use http::HeaderValue;

use crate::{
    Config,
    config::{
        AgentUrl, ApiVersion, ParseError,
        agent_url::{DEFAULT_HOST, DEFAULT_PORT},
        declare::options,
        parse::{agent_host, positive_seconds, set_within},
        warning::Unusable,
    },
};

/// The bounds of the timeout. An endless one would hold the sender's thread for good, and the HTTP
/// client panics where the end is beyond its clock.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(100);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

options! {
    /// The Datadog Agent: its address, timeout and wire format.
    #[derive(Clone, Debug)]
    pub(crate) struct AgentSettings at |config| config.agent;

    /// The address of the Datadog Agent: `http://host:port`, which a path may follow, or
    /// `unix:///path`. `https` needs the feature of this name.
    url: Option<AgentUrl> = None, {
        variables: ["DD_TRACE_AGENT_URL"],
        default: "made from `DD_AGENT_HOST` and `DD_TRACE_AGENT_PORT`; if neither is set, the socket `unix:///var/run/datadog/apm.socket` if it exists",
        show: |config| Some(config.agent_url().to_string()),
    }

    /// The host of the Datadog Agent: a name or an address, IPv6 with or without brackets.
    pub(in crate::config) host: Option<String> = None, {
        variables: ["DD_AGENT_HOST", "DD_TRACE_AGENT_HOSTNAME"],
        default: "`localhost`",
        read: |config, text| {
            config.agent.host = Some(agent_host(text)?);
            Ok(())
        },
        show: |config| Some(config.agent.host.as_deref().unwrap_or(DEFAULT_HOST).to_owned()),
    }

    /// The port of the Datadog Agent.
    port: Option<u16> = None, {
        variables: ["DD_TRACE_AGENT_PORT"],
        default: "`8126`",
        show: |config| Some(config.agent.port.unwrap_or(DEFAULT_PORT).to_string()),
    }

    /// The most time that one request to the Datadog Agent may take, from 0.1 to 60 seconds.
    timeout: Duration = Duration::from_secs(2), {
        variables: ["DD_TRACE_AGENT_TIMEOUT_SECONDS"],
        default: "`2`",
        read: |config, text| {
            bounded(&mut config.agent.timeout, positive_seconds(text)?)
        },
        get: agent_timeout -> Duration = |timeout| *timeout,
    }

    /// The format in which traces are sent, `v0.4` or `v0.5`. `v0.5` is used only if the Datadog
    /// Agent accepts it; otherwise `v0.4`.
    api_version: ApiVersion = ApiVersion::V04, {
        variables: ["DD_TRACE_API_VERSION"],
        default: "`v0.4`",
        /// Sets the format in which traces are sent. [`V05`](ApiVersion::V05) is used only if the
        /// Datadog Agent accepts it; otherwise `V04`.
        set: with_api_version(version: ApiVersion) => version,
        get: api_version -> ApiVersion = |version| *version,
    }

    /// Whether span events have a field of their own in `v0.4` even if the Datadog Agent does not
    /// announce support for it.
    has_native_span_events: bool = false, {
        variables: ["DD_TRACE_NATIVE_SPAN_EVENTS"],
        default: "`false`",
        /// Sets whether span events have a field of their own in `v0.4` even if the Datadog Agent
        /// does not announce support for it.
        set: with_native_span_events(has_native_span_events: bool) => has_native_span_events,
        get: has_native_span_events -> bool = |has_native_span_events| *has_native_span_events,
    }

    /// The place where the process runs, as Datadog's admission controller sets it. It is sent to
    /// the Datadog Agent.
    external_env: Option<String> = None, {
        variables: ["DD_EXTERNAL_ENV"],
        default: "none",
        read: |config, text| {
            // It is sent as a header.
            HeaderValue::try_from(text).map_err(|_| ParseError::HeaderValue)?;
            config.agent.external_env = Some(text.to_owned());
            Ok(())
        },
        get: external_env -> Option<&str> = |external_env| external_env.as_deref(),
    }

    also {
        /// The address if no option gives one.
        pub(in crate::config) default_url: AgentUrl = AgentUrl::default(),
    }
}

const URL: &str = "DD_TRACE_AGENT_URL";
const TIMEOUT: &str = "DD_TRACE_AGENT_TIMEOUT_SECONDS";

impl Config {
    /// Sets the address of the Datadog Agent (`DD_TRACE_AGENT_URL`): an [`AgentUrl`], or a text
    /// such as `http://agent:8126` or `unix:///var/run/datadog/apm.socket`.
    ///
    /// A text that is not such an address changes nothing and is one of the
    /// [`warnings`](Config::warnings). Parse an [`AgentUrl`] to handle the error instead.
    ///
    /// ```
    /// use packdog::Config;
    ///
    /// let config = Config::new().with_agent_url("http://agent:9000");
    /// assert_eq!(config.agent_url().port(), 9000);
    ///
    /// let config = config.with_agent_url("agent:1");
    /// assert_eq!(config.agent_url().port(), 9000);
    /// assert_eq!(
    ///     config.warnings()[0].to_string(),
    ///     "DD_TRACE_AGENT_URL \"agent:1\" has no scheme; using http://agent:9000. \
    ///      Write http:// or unix:// before it."
    /// );
    /// ```
    pub fn with_agent_url(mut self, url: impl fmt::Display) -> Self {
        self.read_by_code(URL, &url.to_string());
        self
    }

    /// Sets the most time that one request to the Datadog Agent may take
    /// (`DD_TRACE_AGENT_TIMEOUT_SECONDS`), from 0.1 to 60 seconds; 2 by default.
    ///
    /// Beyond these, the nearest one is used, and there is a [warning](Config::warnings).
    pub fn with_agent_timeout(mut self, timeout: Duration) -> Self {
        self.set_by_code(TIMEOUT);
        if let Err(error) = bounded(&mut self.agent.timeout, timeout) {
            let seconds = timeout.as_secs_f64().to_string();
            self.unusable.push(Unusable::of(TIMEOUT, &seconds, error));
        }
        self
    }

    /// The address of the Datadog Agent: the URL, else the one made of host and port, else the
    /// Unix socket `/var/run/datadog/apm.socket` if the environment was read and it is there, else
    /// `http://localhost:8126`.
    pub fn agent_url(&self) -> AgentUrl {
        let AgentSettings { url, host, port, default_url, .. } = &self.agent;
        match url {
            Some(url) => url.clone(),
            None if host.is_none() && port.is_none() => default_url.clone(),
            None => {
                let host = host.as_deref().unwrap_or(DEFAULT_HOST);
                AgentUrl::new(host, port.unwrap_or(DEFAULT_PORT))
            }
        }
    }
}

fn bounded(place: &mut Duration, timeout: Duration) -> Result<(), ParseError> {
    set_within(place, timeout, SHORTEST_TIMEOUT..=LONGEST_TIMEOUT, "from 0.1 to 60")
}
