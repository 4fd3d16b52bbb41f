//! Step 3: moved.
//!
//! ```text
//! deleted    opentelemetry, opentelemetry-http, packdog-opentelemetry
//! added      packdog-client
//! ```
//! `packdog-opentelemetry` stays as long as a dependency uses OpenTelemetry's API.

use axum::{Extension, Router, extract::Path, http::StatusCode, routing::get};
use packdog::{InSpanExt, current_span, span};
use packdog_client::ClientTraceMiddleware;
use packdog_server::{ActiveBaggage, ServerTraceLayer};
use reqwest_middleware::ClientBuilder;

use crate::{Bakery, agent::Failure};

/// After `packdog::init()`: nothing.
#[expect(clippy::unnecessary_wraps, reason = "as the other steps")]
pub(crate) fn start() -> Result<(), Failure> {
    Ok(())
}

pub(crate) fn routes(bakery: Bakery) -> Router {
    Router::new()
        .route("/breads/{kind}", get(bread))
        .route("/oven", get(oven))
        .layer(Extension(bakery))
        .layer(ServerTraceLayer::new())
}

async fn bread(
    Extension(bakery): Extension<Bakery>,
    baggage: ActiveBaggage,
    Path(kind): Path<String>,
) -> Result<String, StatusCode> {
    baggage.set("plan", "pro");
    let bake = async {
        current_span().set_tag("bread.kind", kind.as_str());
        heat(bakery).await.map_err(|_| StatusCode::BAD_GATEWAY)
    };
    let heat = bake.in_span(span("bread.bake")).await?;
    Ok(format!("{kind} bread, {heat}"))
}

async fn heat(bakery: Bakery) -> reqwest_middleware::Result<String> {
    let client = ClientBuilder::new(reqwest::Client::builder().no_proxy().build()?)
        .with(ClientTraceMiddleware::new())
        .build();
    let response = client.get(format!("http://{}/oven", bakery.0)).send().await?;
    Ok(response.text().await?)
}

async fn oven(baggage: ActiveBaggage) -> String {
    let plan = baggage.get("plan").unwrap_or_default();
    format!("baked at 230 degrees for the plan {plan}")
}
