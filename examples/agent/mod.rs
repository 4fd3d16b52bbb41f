//! The Datadog Agent of an example: the one that the environment names (`DD_TRACE_AGENT_URL` and
//! others) if one listens there, otherwise an embedded one that draws traces.

use std::{error::Error, time::Duration};

use packdog::{Config, config::AgentUrl};
use packdog_dev_agent::DevAgent;
use tokio::net::TcpStream;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// The time that an example waits for spans to arrive, and for an Agent to accept a connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// An Agent of our own, unless the configured one accepts connections.
pub(crate) async fn embedded_agent() -> Result<Option<DevAgent>, Failure> {
    let url = Config::from_env().agent_url();
    if tokio::time::timeout(PATIENCE, is_listening(&url)).await.unwrap_or(false) {
        return Ok(None);
    }
    let agent = DevAgent::start()?;
    println!("no Datadog Agent at {url}: using an embedded one, {}", agent.url());
    Ok(Some(agent))
}

async fn is_listening(url: &AgentUrl) -> bool {
    match url.socket() {
        #[cfg(unix)]
        Some(path) => tokio::net::UnixStream::connect(path).await.is_ok(),
        _ => TcpStream::connect((url.host(), url.port())).await.is_ok(),
    }
}

/// Returns the configuration from the environment, with the embedded Agent if there is one.
pub(crate) fn config_for(embedded: Option<&DevAgent>) -> Config {
    let config = Config::from_env();
    match embedded {
        Some(agent) => config.with_agent_url(agent.url()),
        None => config,
    }
}
