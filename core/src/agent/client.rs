//! Requests to the Datadog Agent, and the meaning of its responses.

use std::fmt;

use ureq::http::{HeaderMap, HeaderValue, StatusCode};

use super::{
    container,
    info::{Info, InfoError},
    outgoing::LeftOut,
    queue::Cause,
    wire::Payload,
};
use crate::{Config, config::AgentUrl, stats::STATS_PATH, tags::internal};

/// The path of the description of an Agent.
const INFO_PATH: &str = "/info";
/// The most bytes of a response that are read; they are far fewer with thousands of services. The
/// connection of a longer one is given up.
const MAX_RESPONSE_BYTES: u64 = 256 << 10;

/// A hash of the response to `/info`.
const AGENT_STATE: &str = "Datadog-Agent-State";
/// Names the sampling rates of a response; the Agent need not repeat rates whose version a request
/// names.
const RATES_VERSION: &str = "Datadog-Rates-Payload-Version";

/// Sends traces to one Datadog Agent.
pub(crate) struct Client {
    agent: ureq::Agent,
    /// The start of the URL of each request.
    base: String,
    /// The URL for messages.
    url: String,
    headers: Vec<(&'static str, HeaderValue)>,
    rates_version: Option<String>,
}

/// The response of an Agent that accepted a payload.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) agent_state: Option<String>,
    /// Sampling rates, unless they are those of the response before.
    pub(super) rates: Option<Vec<u8>>,
}

impl Client {
    pub(crate) fn new(config: &Config) -> Self {
        let http = ureq::Agent::config_builder()
            // The configuration bounds it: the HTTP client panics on one beyond its clock.
            .timeout_global(Some(config.agent_timeout()))
            // A proxy of the application's requests has nothing to do with traces.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("packdog/", env!("CARGO_PKG_VERSION")));
        #[cfg(feature = "https")]
        let http = http.tls_config(tls());
        let url = config.agent_url();
        Self {
            agent: agent(http.build(), &url),
            base: url.http_base(),
            url: url.to_string(),
            headers: headers(config),
            rates_version: None,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sends a payload, with the counts of sampled-out spans if the tracer computes statistics.
    /// Blocks,
    /// at most for the timeout of the configuration.
    ///
    /// # Errors
    /// The Agent could not be reached, or it did not accept the payload.
    pub(super) fn send(
        &mut self,
        payload: &mut Payload,
        left_out: Option<LeftOut>,
    ) -> Result<Accepted, SendError> {
        let path = payload.format().path();
        let mut request = self.agent.put(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value.clone());
        }
        if let Some(version) = &self.rates_version {
            request = request.header(RATES_VERSION, version);
        }
        if let Some(LeftOut { chunks, spans }) = left_out {
            request = request
                .header("Datadog-Client-Computed-Stats", "yes")
                .header("Datadog-Client-Dropped-P0-Traces", chunks)
                .header("Datadog-Client-Dropped-P0-Spans", spans);
        }
        request = request.header("X-Datadog-Trace-Count", payload.chunks());
        let mut response = request.send(payload.finish()).map_err(SendError::Unreachable)?;
        // A connection can be used again once its response has been read. Whether that works says
        // nothing about the payload, which the Agent has judged by its status.
        let body = response.body_mut().with_config().limit(MAX_RESPONSE_BYTES).read_to_vec();
        if !response.status().is_success() {
            return Err(SendError::Refused(response.status()));
        }
        let version = text(response.headers(), RATES_VERSION);
        let is_known = version.is_some() && version == self.rates_version;
        self.rates_version = version;
        let agent_state = text(response.headers(), AGENT_STATE);
        Ok(Accepted { agent_state, rates: body.ok().filter(|_| !is_known) })
    }

    /// Sends statistics. Blocks like [`send`](Client::send).
    ///
    /// # Errors
    /// The Agent could not be reached, or it did not accept them.
    pub(super) fn send_stats(&self, body: &[u8]) -> Result<(), SendError> {
        let mut request = self.agent.put(format!("{}{STATS_PATH}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let mut response = request.send(body).map_err(SendError::Unreachable)?;
        // The connection can be used again once the response has been read.
        let _ = response.body_mut().with_config().limit(MAX_RESPONSE_BYTES).read_to_vec();
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(SendError::Refused(status)) }
    }

    /// A client for `/info` that shares the connections of this one.
    pub(super) fn info_client(&self) -> InfoClient {
        InfoClient { agent: self.agent.clone(), url: format!("{}{INFO_PATH}", self.base) }
    }
}

/// A client for the `/info` of an Agent.
#[derive(Clone)]
pub(super) struct InfoClient {
    agent: ureq::Agent,
    url: String,
}

impl InfoClient {
    /// Returns the capabilities of the Agent, and the hash of its state. Blocks like
    /// [`Client::send`].
    ///
    /// # Errors
    /// The Agent cannot be reached, or has no such response.
    pub(super) fn info(&self) -> Result<(Info, Option<String>), InfoError> {
        let mut response = self.agent.get(&self.url).call().map_err(|_| InfoError::Unreachable)?;
        let body = response.body_mut().with_config().limit(MAX_RESPONSE_BYTES).read_to_vec();
        let state = text(response.headers(), AGENT_STATE);
        match (response.status().is_success(), body) {
            (true, Ok(body)) => match serde_json::from_slice(&body) {
                Ok(info) => Ok((info, state)),
                Err(_) => Err(InfoError::Unsupported),
            },
            (true, Err(_)) => Err(InfoError::Unreachable),
            (false, _) => Err(InfoError::Unsupported),
        }
    }
}

impl fmt::Debug for InfoClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InfoClient").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Connects to the address of the URL, by TCP or a Unix socket.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there are no such sockets"))]
fn agent(http: ureq::config::Config, url: &AgentUrl) -> ureq::Agent {
    #[cfg(unix)]
    if let Some(path) = url.socket() {
        return super::unix::agent(http, path.to_owned());
    }
    super::tcp::agent(http)
}

/// The certificates that are trusted are those of the system, where private authorities are added.
#[cfg(feature = "https")]
fn tls() -> ureq::tls::TlsConfig {
    ureq::tls::TlsConfig::builder()
        .root_certs(ureq::tls::RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(rustls::crypto::ring::default_provider().into())
        .build()
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The headers that are the same on every request. A value that cannot be one is left out: it
/// would make every request fail.
fn headers(config: &Config) -> Vec<(&'static str, HeaderValue)> {
    let container = container::id();
    let entity = container::entity(container.as_deref());
    let known = [
        ("Content-Type", Some("application/msgpack".to_owned())),
        ("Datadog-Meta-Lang", Some(internal::RUST.to_owned())),
        ("Datadog-Meta-Lang-Interpreter", Some("rustc".to_owned())),
        ("Datadog-Meta-Lang-Version", Some(env!("PACKDOG_RUSTC_VERSION").to_owned())),
        ("Datadog-Meta-Tracer-Version", Some(env!("CARGO_PKG_VERSION").to_owned())),
        // `_dd.top_level` is on the spans already.
        ("Datadog-Client-Computed-Top-Level", Some("yes".to_owned())),
        // Without it, an Agent that is too busy responds with 200 all the same.
        ("Datadog-Send-Real-Http-Status", Some("true".to_owned())),
        ("Datadog-Container-ID", container),
        ("Datadog-Entity-ID", entity),
        ("Datadog-External-Env", config.external_env().map(str::to_owned)),
    ];
    let usable = |(name, value): (_, Option<String>)| Some((name, value?.try_into().ok()?));
    known.into_iter().filter_map(usable).collect()
}

/// The reason why a payload was not delivered.
#[derive(Debug)]
pub(crate) enum SendError {
    /// The Agent is not there, or did not respond in time.
    Unreachable(ureq::Error),
    /// The Agent responded, but not with success.
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

    /// Returns what to do about it, as sentences after the message; empty if there is nothing.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => {
                ". Is the Datadog Agent running there? DD_TRACE_AGENT_URL sets its address"
            }
            Self::Refused(_) | Self::Abandoned => "",
        }
    }

    /// The count in which the spans of the payload go.
    pub(super) fn cause(&self) -> Cause {
        match self {
            Self::Abandoned => Cause::ShutDown,
            _ if self.is_retryable() => Cause::GaveUp,
            _ => Cause::Refused,
        }
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
            Self::Refused(status) => write!(f, "it responded with {status}"),
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
    fn only_transient_failures_are_retryable_and_only_some_are_about_the_format() {
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

    #[test]
    fn a_value_that_cannot_be_a_header_is_left_out() {
        let lookup = |value: &'static str| {
            move |name: &str| (name == "DD_EXTERNAL_ENV").then(|| value.to_owned())
        };
        for (value, expected) in [("it-false", Some("it-false")), ("a\nb", None)] {
            let headers = headers(&Config::from_lookup(lookup(value)).0);
            let sent = headers.iter().find(|(name, _)| *name == "Datadog-External-Env");
            assert_eq!(sent.map(|(_, value)| value.to_str().unwrap()), expected, "{value:?}");
            assert!(headers.iter().any(|(name, _)| *name == "Datadog-Meta-Lang"));
        }
    }
}
