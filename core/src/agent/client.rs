//! Requests to the Datadog Agent, and what its answers mean.

use std::fmt;

use ureq::http::{HeaderMap, StatusCode};

use super::{
    container,
    info::Info,
    wire::{LANGUAGE, Payload},
};
use crate::{Config, config::AgentUrl};

/// Where an Agent says what it can do.
const INFO_PATH: &str = "/info";
/// Answers are short; a connection whose answer is longer is given up.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// A hash of what `/info` says.
const AGENT_STATE: &str = "Datadog-Agent-State";
/// Names the sampling rates of an answer; the Agent need not repeat those that it is told of.
const RATES_VERSION: &str = "Datadog-Rates-Payload-Version";

/// Speaks to one Datadog Agent.
pub(crate) struct Client {
    agent: ureq::Agent,
    /// For requests.
    base: String,
    /// For people.
    url: String,
    headers: Vec<(&'static str, String)>,
    rates_version: Option<String>,
}

/// What an Agent says beside that it took a payload.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) agent_state: Option<String>,
    /// Sampling rates, unless they are those of the answer before.
    pub(super) rates: Option<Vec<u8>>,
}

impl Client {
    pub(crate) fn new(config: &Config) -> Self {
        let http = ureq::Agent::config_builder()
            .timeout_global(Some(config.agent_timeout()))
            // Traces are not for whoever proxies the requests of the application.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("packdog/", env!("CARGO_PKG_VERSION")))
            .build();
        let url = config.agent_url();
        Self {
            agent: agent(http, &url),
            base: url.http_base(),
            url: url.to_string(),
            headers: headers(config),
            rates_version: None,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sends a payload. Blocks, at most for the timeout of the configuration.
    ///
    /// # Errors
    /// The Agent could not be reached, or it did not accept the payload.
    pub(super) fn send(&mut self, payload: &mut Payload) -> Result<Answer, SendError> {
        let path = payload.format().path();
        let mut request = self.agent.put(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(version) = &self.rates_version {
            request = request.header(RATES_VERSION, version);
        }
        request = request.header("X-Datadog-Trace-Count", payload.chunks());
        let mut response = request.send(payload.finish()).map_err(SendError::Unreachable)?;
        // A connection can be used again once its answer has been read; whether that works says
        // nothing about the payload, which the Agent has judged by its status.
        let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        if !response.status().is_success() {
            return Err(SendError::Refused(response.status()));
        }
        let version = text(response.headers(), RATES_VERSION);
        let is_known = version.is_some() && version == self.rates_version;
        self.rates_version = version;
        let agent_state = text(response.headers(), AGENT_STATE);
        Ok(Answer { agent_state, rates: body.ok().filter(|_| !is_known) })
    }

    /// What the Agent can do, and the state in which it can; `None` if it does not say so. Blocks
    /// like [`send`](Client::send).
    pub(super) fn info(&self) -> Option<(Info, Option<String>)> {
        let mut response = self.agent.get(format!("{}{INFO_PATH}", self.base)).call().ok()?;
        let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec().ok()?;
        let info = response.status().is_success().then_some(body)?;
        let state = text(response.headers(), AGENT_STATE);
        Some((serde_json::from_slice(&info).ok()?, state))
    }
}

/// Connects to where the URL says, by TCP or a Unix socket.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there are no such sockets"))]
fn agent(http: ureq::config::Config, url: &AgentUrl) -> ureq::Agent {
    #[cfg(unix)]
    if let Some(path) = url.socket() {
        return super::unix::agent(http, path.to_owned());
    }
    http.new_agent()
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The headers that are the same on every request.
fn headers(config: &Config) -> Vec<(&'static str, String)> {
    let container = container::id();
    let entity = container::entity(container.as_deref());
    let known = [
        ("Content-Type", Some("application/msgpack".to_owned())),
        ("Datadog-Meta-Lang", Some(LANGUAGE.to_owned())),
        ("Datadog-Meta-Lang-Interpreter", Some("rustc".to_owned())),
        ("Datadog-Meta-Lang-Version", Some(env!("PACKDOG_RUSTC_VERSION").to_owned())),
        ("Datadog-Meta-Tracer-Version", Some(env!("CARGO_PKG_VERSION").to_owned())),
        // `_dd.top_level` is on the spans already.
        ("Datadog-Client-Computed-Top-Level", Some("yes".to_owned())),
        // Without it, an Agent that is too busy answers 200 all the same.
        ("Datadog-Send-Real-Http-Status", Some("true".to_owned())),
        ("Datadog-Container-ID", container),
        ("Datadog-Entity-ID", entity),
        ("Datadog-External-Env", config.external_env().map(str::to_owned)),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Why a payload was not delivered.
#[derive(Debug)]
pub(crate) enum SendError {
    /// The Agent is not there, or did not answer in time.
    Unreachable(ureq::Error),
    /// The Agent answered, but not with success.
    Refused(StatusCode),
    /// The tracer was shut down, and the time for that is over.
    Abandoned,
}

impl SendError {
    /// Whether the Agent does not know the format of the payload.
    pub(super) fn is_unknown_format(&self) -> bool {
        const UNKNOWN: [StatusCode; 2] =
            [StatusCode::NOT_FOUND, StatusCode::UNSUPPORTED_MEDIA_TYPE];
        matches!(self, Self::Refused(status) if UNKNOWN.contains(status))
    }

    /// Whether the same payload may be accepted later.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Abandoned => false,
            Self::Refused(status) => {
                status.is_server_error()
                    || *status == StatusCode::REQUEST_TIMEOUT
                    || *status == StatusCode::TOO_MANY_REQUESTS
            }
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => error.fmt(f),
            Self::Refused(status) => write!(f, "it answered {status}"),
            Self::Abandoned => f.write_str("the tracer was shut down"),
        }
    }
}

impl std::error::Error for SendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(error) => Some(error),
            Self::Refused(_) | Self::Abandoned => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_retryable_and_only_some_answers_are_about_the_format() {
        #[rustfmt::skip]
        let table = [
            // status  retryable  unknown format
            (500,      true,      false),
            (503,      true,      false),
            (408,      true,      false),
            (429,      true,      false),
            (307,      false,     false),
            (400,      false,     false),
            (404,      false,     true),
            (413,      false,     false),
            (415,      false,     true),
        ];
        for (status, is_retryable, is_unknown_format) in table {
            let error = SendError::Refused(StatusCode::from_u16(status).unwrap());
            let seen = (error.is_retryable(), error.is_unknown_format());
            assert_eq!(seen, (is_retryable, is_unknown_format), "{status}");
        }
        let error = SendError::Unreachable(ureq::Error::HostNotFound);
        assert!(error.is_retryable() && !error.is_unknown_format());
    }
}
