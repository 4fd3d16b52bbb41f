//! Step 2: half moved.
//!
//! ```text
//! deleted    opentelemetry-instrumentation-tower
//! added      packdog-server
//! as it was  the spans of the code, and of the client, which may move one after the other
//! ```

use axum::{Extension, Router, extract::Path, http::StatusCode, routing::get};
use opentelemetry::{
    Context, KeyValue, global,
    trace::{FutureExt, TraceContextExt, Tracer},
};
use packdog_server::{ActiveBaggage, ServerTraceLayer};

use crate::{Bakery, agent::Failure, step_1};

/// After `packdog::init()`.
pub(crate) fn start() -> Result<(), Failure> {
    packdog_opentelemetry::install()?;
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
    baggage.set("plan", "pro"); // Spans of both APIs that start from here on have it.
    let cx = Context::current_with_span(global::tracer("bakery").start("bread.bake"));
    cx.span().set_attribute(KeyValue::new("bread.kind", kind.clone()));
    let heat = step_1::heat(bakery).with_context(cx).await?;
    Ok(format!("{kind} bread, {heat}"))
}

async fn oven(baggage: ActiveBaggage) -> String {
    let plan = baggage.get("plan").unwrap_or_default();
    format!("baked at 230 degrees for the plan {plan}")
}
