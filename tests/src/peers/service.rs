//! A service under Datadog's own tracer that does what a test asks for.

use super::{
    agent::TestAgent,
    hop::{Hop, HopReply},
    process::{Peer, client},
    runtime::Runtime,
};

/// A service of `tests/peers` that is up. It ends when this drops.
#[derive(Debug)]
pub struct PeerService {
    peer: Peer,
}

/// The settings of a [`PeerService`] before it starts.
#[derive(Debug)]
#[must_use = "nothing runs before `start`"]
pub struct PeerServiceBuilder {
    name: String,
    runtime: Runtime,
    program: &'static str,
    environment: Vec<(String, String)>,
}

impl PeerService {
    /// A service named `name` in Python (Starlette, httpx) under ddtrace.
    pub fn python(name: &str) -> PeerServiceBuilder {
        // Spans leave at once, so that tests do not wait for the usual second.
        PeerServiceBuilder::new(name, Runtime::Python, "service.py")
            .env("DD_TRACE_WRITER_INTERVAL_SECONDS", "0.01")
    }

    /// A program in Python under ddtrace that makes the spans of a service named `name` by hand, on demand by
    /// [`run`](Self::run).
    pub fn python_program(name: &str) -> PeerServiceBuilder {
        PeerServiceBuilder::new(name, Runtime::Python, "program.py")
    }

    /// Runs the program; it has sent its spans and statistics when this returns.
    ///
    /// # Panics
    /// When it fails.
    pub async fn run(&self) {
        self.get("/run").await;
    }

    /// Lets the program send a trace of one span named `warm.up`.
    ///
    /// # Panics
    /// When it fails.
    pub async fn warm_up(&self) {
        self.get("/warm-up").await;
    }

    async fn get(&self, path: &str) {
        let response = client().get(self.peer.url(path)).send().await;
        if let Err(error) = response.and_then(reqwest::Response::error_for_status) {
            panic!("{path}: {error}");
        }
    }

    /// A service named `name` in Node (express, `node:http`) under dd-trace.
    pub fn node(name: &str) -> PeerServiceBuilder {
        // Otherwise each connection adds spans below its call.
        PeerServiceBuilder::new(name, Runtime::Node, "service.js")
            .env("DD_TRACE_DISABLED_PLUGINS", "dns,net")
    }

    /// The address of its `POST /hop`.
    #[must_use]
    pub fn hop_url(&self) -> String {
        self.peer.url("/hop")
    }

    /// Sends `hop` without any trace, so that a new one starts here, and returns the reply.
    ///
    /// # Panics
    /// When this service or one that it calls fails.
    pub async fn hop(&self, hop: &Hop) -> HopReply {
        self.hop_with_headers(&[], hop).await
    }

    /// Like [`hop`](Self::hop), with headers of the test's own.
    ///
    /// # Panics
    /// When this service or one that it calls fails.
    pub async fn hop_with_headers(&self, headers: &[(&str, &str)], hop: &Hop) -> HopReply {
        let mut request = client().post(self.hop_url()).json(hop);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("hop: {error}"));
        let status = response.status();
        let text = response.text().await.unwrap_or_else(|error| panic!("hop: {error}"));
        assert!(status.is_success(), "hop: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("hop: {error} in {text}"))
    }
}

impl PeerServiceBuilder {
    fn new(name: &str, runtime: Runtime, program: &'static str) -> Self {
        let quiet = [
            ("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false"),
            ("DD_REMOTE_CONFIGURATION_ENABLED", "false"),
            ("DD_TRACE_STARTUP_LOGS", "false"),
            // It would put paths of this machine into the spans.
            ("DD_CODE_ORIGIN_FOR_SPANS_ENABLED", "false"),
        ];
        let builder = Self { name: name.to_owned(), runtime, program, environment: Vec::new() }
            .env("DD_SERVICE", name);
        quiet.into_iter().fold(builder, |builder, (key, value)| builder.env(key, value))
    }

    /// With `agent` as its Datadog Agent. Without one, its spans are lost.
    pub fn agent(self, agent: &TestAgent) -> Self {
        self.env("DD_TRACE_AGENT_URL", agent.url())
    }

    /// With a variable in its environment; a later value of the same name wins.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it, or prints that the runtime is missing and returns `None`.
    ///
    /// # Panics
    /// When it does not start, and when the runtime is missing while `CI` is set.
    pub async fn start(self) -> Option<PeerService> {
        let peer =
            Peer::start(&self.name, self.runtime, self.program, &self.environment, "/healthz")
                .await?;
        Some(PeerService { peer })
    }
}
