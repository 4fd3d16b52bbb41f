//! A server that calls another one: OpenTelemetry with Datadog's exporter, and layers of others.

use axum::{Router, extract::State, routing::get};
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use opentelemetry::trace::TracerProvider;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_tracing::TracingMiddleware;
use tracing_subscriber::layer::SubscriberExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider = datadog_opentelemetry::tracing().init();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("application"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))?;
    let client =
        ClientBuilder::new(reqwest::Client::new()).with(TracingMiddleware::default()).build();
    let app = Router::new().route("/users/{id}", get(user)).with_state(client);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app.layer(OtelAxumLayer::default())).await?;
    Ok(provider.shutdown()?)
}

async fn user(State(client): State<ClientWithMiddleware>) -> String {
    tracing::Span::current().record("user.id", 42);
    match client.get("http://billing.internal/invoices/42").send().await {
        Ok(response) => response.status().to_string(),
        Err(error) => error.to_string(),
    }
}
