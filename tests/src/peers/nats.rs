//! nats-server, a message queue whose messages have headers.

use serde::Deserialize;

use super::{
    process::{Peer, client},
    runtime::Runtime,
};

/// A nats-server that is up, for one test. It ends when this drops.
#[derive(Debug)]
pub struct NatsServer {
    _peer: Peer,
    url: String,
}

/// The part of its variables that is read.
#[derive(Deserialize)]
struct Variables {
    port: u16,
}

impl NatsServer {
    /// Starts a server, or prints that Python, which installs it, is missing and returns `None`.
    ///
    /// # Panics
    /// When it does not start, and when Python is missing while `CI` is set.
    pub async fn start() -> Option<Self> {
        let peer = Peer::start("nats-server", Runtime::Python, "nats.py", &[], "/healthz").await?;
        let variables =
            async { client().get(peer.url("/varz")).send().await?.json::<Variables>().await };
        let Variables { port } =
            variables.await.unwrap_or_else(|error| panic!("no variables of nats-server: {error}"));
        Some(Self { _peer: peer, url: format!("nats://127.0.0.1:{port}") })
    }

    /// Its address, as clients take it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
