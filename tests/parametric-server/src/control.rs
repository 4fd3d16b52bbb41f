//! Flushes, the configuration in force, and a crash.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::{
    refusal::Refusal,
    server::{Server, Shared},
};

/// The longest time that a flush waits for the Agent.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest time that a request waits for the Agent's `/info`.
const INFO_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn endpoints() -> Router<Arc<Server>> {
    Router::new()
        .route("/trace/span/flush", post(flush_spans))
        .route("/trace/stats/flush", post(flush_stats))
        .route("/trace/config", get(config))
        .route("/trace/crash", get(crash))
        .route("/trace/agent/ensure_agent_info", get(ensure_agent_info))
}

async fn flush_spans(State(server): Shared) -> Result<Json<Value>, Refusal> {
    flush(server, FLUSH_TIMEOUT).await?;
    Ok(Json(json!({})))
}

/// Sends all finished spans.
pub(crate) async fn flush(server: Arc<Server>, timeout: Duration) -> Result<(), Refusal> {
    on_a_thread(move || server.flush(timeout)).await.map(drop)
}

/// The same by the provider of OpenTelemetry's API.
pub(crate) async fn flush_opentelemetry(
    server: Arc<Server>,
    timeout: Duration,
) -> Result<(), Refusal> {
    on_a_thread(move || server.flush_opentelemetry(timeout)).await.map(drop)
}

/// Runs blocking code and waits for it.
async fn on_a_thread<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(call).await {
        Ok(result) => result,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// Sends statistics, including those of the current interval. The tracer sends both by one flush.
async fn flush_stats(State(server): Shared) -> Result<Json<Value>, Refusal> {
    flush_spans(State(server)).await
}

/// Whether the Agent has served `/info`; waits for it.
async fn ensure_agent_info(State(server): Shared) -> Json<Value> {
    let is_ready = on_a_thread(move || server.wait_for_agent(INFO_TIMEOUT)).await;
    Json(json!({ "ready": is_ready }))
}

/// Dies as from a segmentation fault, without a reply.
async fn crash() -> Result<(), Refusal> {
    let myself = rustix::process::getpid();
    // The standard library takes the first for an overflow of the stack, finds that it is none,
    // and steps aside for the next.
    loop {
        rustix::process::kill_process(myself, Signal::SEGV).map_err(Refusal::Unharmed)?;
    }
}

/// The settings that the suite reads: its key, and the option of the tracer.
const SETTINGS: [(&str, &str); 14] = [
    ("dd_service", "DD_SERVICE"),
    ("dd_env", "DD_ENV"),
    ("dd_version", "DD_VERSION"),
    ("dd_tags", "DD_TAGS"),
    ("dd_trace_enabled", "DD_TRACE_ENABLED"),
    ("dd_trace_sample_rate", "DD_TRACE_SAMPLE_RATE"),
    ("dd_trace_rate_limit", "DD_TRACE_RATE_LIMIT"),
    ("dd_trace_propagation_style", "DD_TRACE_PROPAGATION_STYLE_EXTRACT"),
    ("dd_trace_debug", "DD_TRACE_DEBUG"),
    ("dd_log_level", "DD_TRACE_LOG_LEVEL"),
    ("dd_trace_otel_enabled", "DD_TRACE_OTEL_ENABLED"),
    ("dd_trace_agent_url", "DD_TRACE_AGENT_URL"),
    ("dd_dogstatsd_host", "DD_DOGSTATSD_HOST"),
    ("dd_dogstatsd_port", "DD_DOGSTATSD_PORT"),
];

/// Keys of features that the tracer lacks.
const LACKING: [&str; 3] =
    ["dd_runtime_metrics_enabled", "dd_profiling_enabled", "dd_data_streams_enabled"];

/// Replies with the settings in force.
async fn config(server: Shared) -> Json<Value> {
    let settings = server.config().settings();
    let value = |option: &str| {
        let setting = settings.iter().find(|setting| setting.name == option);
        setting.and_then(|setting| setting.value.clone())
    };
    let config = SETTINGS.map(|(key, option)| (key.to_owned(), value(option).into()));
    let lacking = LACKING.map(|key| (key.to_owned(), "false".into()));
    Json(json!({ "config": serde_json::Map::from_iter(config.into_iter().chain(lacking)) }))
}
