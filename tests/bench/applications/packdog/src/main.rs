//! A server that calls another one: spans, headers of Datadog and W3C, and baggage by packdog.

use axum::{Router, extract::State, routing::get};
use packdog_client::{ClientTraceLayer, ClientTraceMiddleware};
use packdog_server::{ActiveSpan, ServerTraceLayer};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _packdog = packdog::init()?;
    let client = ClientBuilder::new(reqwest::Client::new()).with(ClientTraceMiddleware::new());
    let app = Router::new().route("/users/{id}", get(user)).with_state(client.build());
    // For calls of tower's services; this application makes none.
    let _layer = ClientTraceLayer::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app.layer(ServerTraceLayer::new())).await?)
}

async fn user(span: ActiveSpan, State(client): State<ClientWithMiddleware>) -> String {
    span.set_tag("user.id", 42);
    match client.get("http://billing.internal/invoices/42").send().await {
        Ok(response) => response.status().to_string(),
        Err(error) => error.to_string(),
    }
}
