//! `w3c-service`: the service that the tests of [W3C Trace Context](https://github.com/w3c/trace-context) drive.
//!
//! ```text
//! suite ──POST /test [{"url", "arguments"}, ..]──▶ server middleware ──▶ one POST per item, client middleware ──▶ suite
//! ```
//! It listens on `127.0.0.1:$PORT` (0 takes a free one), prints `port` and the number once it does, and is configured by
//! nothing but the `DD_*` variables. It needs no Agent.

use std::{
    error::Error,
    io::{self, Write as _},
    net::Ipv4Addr,
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use packdog_client::ClientTraceMiddleware;
use packdog_server::ServerTraceLayer;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;

const PORT_VARIABLE: &str = "PORT";

/// A call that the service is to make.
#[derive(Deserialize)]
struct Call {
    url: String,
    /// The body, sent as JSON; often calls that the called service makes in turn.
    arguments: Value,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let _packdog = packdog::init()?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let client = ClientBuilder::new(client).with(ClientTraceMiddleware::new()).build();
    let service = Router::new()
        .route("/test", post(make_calls))
        .with_state(client)
        .layer(ServerTraceLayer::new());

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port()?)).await?;
    writeln!(io::stdout(), "port {}", listener.local_addr()?.port())?;
    Ok(axum::serve(listener, service).await?)
}

/// Makes the calls one after the other; their responses do not matter, but each must come.
async fn make_calls(
    State(client): State<ClientWithMiddleware>,
    Json(calls): Json<Vec<Call>>,
) -> Result<(), (StatusCode, String)> {
    for Call { url, arguments } in calls {
        let called = client.post(&url).json(&arguments).send().await;
        called.map_err(|error| (StatusCode::BAD_GATEWAY, format!("{url}: {error}")))?;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the port of this service is not an option of packdog"
)]
fn port() -> Result<u16, Box<dyn Error>> {
    let port = std::env::var(PORT_VARIABLE).map_err(|error| format!("{PORT_VARIABLE}: {error}"))?;
    port.parse().map_err(|error| format!("{PORT_VARIABLE}={port}: {error}").into())
}
