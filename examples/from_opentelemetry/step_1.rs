//! Step 1: packdog beneath.
//!
//! ```text
//! deleted    opentelemetry_sdk, opentelemetry-otlp: provider, exporter, sampler, propagators
//! added      packdog, packdog-opentelemetry: the two lines of `main`
//! as it was  everything else: opentelemetry-instrumentation-tower, and all spans of the code
//! ```

use axum::{
    Extension, Router,
    extract::Path,
    http::{HeaderMap, StatusCode},
    routing::get,
};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt,
    global,
    trace::{FutureExt, SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_http::HeaderInjector;
use opentelemetry_instrumentation_tower::http::server::Layer;

use crate::{Bakery, agent::Failure};

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
        .layer(Layer::new())
}

async fn bread(
    Extension(bakery): Extension<Bakery>,
    Path(kind): Path<String>,
) -> Result<String, StatusCode> {
    let span = global::tracer("bakery").start("bread.bake");
    let cx = Context::current_with_span(span).with_baggage([KeyValue::new("plan", "pro")]);
    cx.span().set_attribute(KeyValue::new("bread.kind", kind.clone()));
    let heat = heat(bakery).with_context(cx).await?;
    Ok(format!("{kind} bread, {heat}"))
}

/// Calls the oven over HTTP, as their instrumentation of a client does.
pub(crate) async fn heat(bakery: Bakery) -> Result<String, StatusCode> {
    let tracer = global::tracer("bakery");
    let span = tracer
        .span_builder("GET")
        .with_kind(SpanKind::Client)
        .with_attributes([KeyValue::new("http.request.method", "GET")])
        .start(&tracer);
    let cx = Context::current_with_span(span);
    let mut headers = HeaderMap::new();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&cx, &mut HeaderInjector(&mut headers));
    });
    let oven = format!("http://{}/oven", bakery.0);
    let call = async {
        reqwest::Client::builder()
            .no_proxy()
            .build()?
            .get(oven)
            .headers(headers)
            .send()
            .await?
            .text()
            .await
    };
    let heat = call.with_context(cx.clone()).await;
    match &heat {
        Ok(_) => cx.span().set_attribute(KeyValue::new("http.response.status_code", 200)),
        Err(error) => cx.span().set_status(Status::error(error.to_string())),
    }
    heat.map_err(|_| StatusCode::BAD_GATEWAY)
}

async fn oven() -> String {
    let cx = Context::current();
    let plan = cx.baggage().get("plan").map(|plan| plan.as_str().to_owned());
    format!("baked at 230 degrees for the plan {}", plan.unwrap_or_default())
}
