//! `parametric-server`: the server through which DataDog/system-tests drives a tracer over HTTP.
//!
//! ```text
//! suite ──POST /trace/span/start──▶ one function per endpoint ──▶ packdog's public API ──▶ Agent
//! ```
//! It listens on `APM_TEST_CLIENT_SERVER_PORT` (8080 by default, 0 takes a free one) of all interfaces, and prints `port`
//! and the number once it does. It is configured by the `DD_*` variables before that, traces nothing of its own, and
//! writes nothing to standard error but the tracer's messages.
//! The endpoints are those of the [clients of the suite](https://github.com/DataDog/system-tests/tree/main/utils/build/docker).

mod attributes;
mod control;
mod id;
mod otel;
mod propagation;
mod refusal;
mod server;
mod span;

use std::{
    error::Error,
    io::{self, Write as _},
    net::Ipv4Addr,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use packdog::Config;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use self::server::Server;

const PORT_VARIABLE: &str = "APM_TEST_CLIENT_SERVER_PORT";
const DEFAULT_PORT: u16 = 8080;
/// The longest time that the first request is held back for the Agent's `/info`: without it, the
/// form of the first spans would be a matter of luck.
const INFO_TIMEOUT: Duration = Duration::from_millis(500);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env();
    let guard = config.clone().init()?;
    guard.wait_for_agent(INFO_TIMEOUT);
    let provider = packdog_opentelemetry::install()?;
    let server = Arc::new(Server::new(config, guard, provider));
    let endpoints = Router::new()
        .merge(span::endpoints())
        .merge(propagation::endpoints())
        .merge(control::endpoints())
        .merge(otel::endpoints())
        .with_state(server);

    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port()?)).await?;
    writeln!(io::stdout(), "port {}", listener.local_addr()?.port())?;
    // As the first process of a container it has to listen for the signal: nothing else ends it.
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        served = axum::serve(listener, endpoints) => Ok(served?),
        _ = terminate.recv() => Ok(()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the port of this server is not an option of packdog"
)]
fn port() -> Result<u16, Box<dyn Error>> {
    match std::env::var(PORT_VARIABLE) {
        Ok(port) => port.parse().map_err(|error| format!("{PORT_VARIABLE}={port}: {error}").into()),
        Err(_) => Ok(DEFAULT_PORT),
    }
}
