//! One request to the Datadog Agent, and what its answer means.

use std::fmt;

use ureq::http::StatusCode;

use super::{
    container,
    wire::{LANGUAGE, Payload},
};
use crate::Config;

/// Where traces go.
const TRACES_PATH: &str = "/v0.4/traces";
/// Answers are short; a connection whose answer is longer is given up.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// Speaks to one Datadog Agent.
pub(crate) struct Client {
    agent: ureq::Agent,
    url: String,
    headers: Vec<(&'static str, String)>,
}

impl Client {
    pub(crate) fn new(config: &Config) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(config.agent_timeout()))
            // Traces are not for whoever proxies the requests of the application.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("packdog/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let url = format!("{}{TRACES_PATH}", config.agent_url());
        Self { agent, url, headers: headers(config) }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sends a payload. Blocks, at most for the timeout of the configuration.
    ///
    /// # Errors
    /// The Agent could not be reached, or it did not accept the payload.
    pub(crate) fn send(&self, payload: &mut Payload) -> Result<(), SendError> {
        let mut request = self.agent.put(&self.url);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request = request.header("X-Datadog-Trace-Count", payload.chunks());
        let mut response = request.send(payload.finish()).map_err(SendError::Unreachable)?;
        // A connection can be used again once its answer has been read; whether that works says
        // nothing about the payload, which the Agent has judged by its status.
        let _ = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        match response.status() {
            status if status.is_success() => Ok(()),
            status => Err(SendError::Refused(status)),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The headers that are the same on every request.
fn headers(config: &Config) -> Vec<(&'static str, String)> {
    let container = container::id();
    let entity = container.as_ref().map(|id| format!("ci-{id}"));
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
    fn only_what_may_pass_is_retryable() {
        #[rustfmt::skip]
        let table = [
            // status  retryable
            (500,      true),
            (503,      true),
            (408,      true),
            (429,      true),
            (307,      false),
            (400,      false),
            (404,      false),
            (413,      false),
        ];
        for (status, is_retryable) in table {
            let error = SendError::Refused(StatusCode::from_u16(status).unwrap());
            assert_eq!(error.is_retryable(), is_retryable, "{status}");
        }
        assert!(SendError::Unreachable(ureq::Error::HostNotFound).is_retryable());
    }
}
