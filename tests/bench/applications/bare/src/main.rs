//! A server that calls another one, without tracing.

use axum::{Router, extract::State, routing::get};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let client = ClientBuilder::new(reqwest::Client::new()).build();
    let app = Router::new().route("/users/{id}", get(user)).with_state(client);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).await
}

async fn user(State(client): State<ClientWithMiddleware>) -> String {
    match client.get("http://billing.internal/invoices/42").send().await {
        Ok(response) => response.status().to_string(),
        Err(error) => error.to_string(),
    }
}
