//! Flushes, what is configured, and a crash.

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

/// How long a flush waits for the Agent.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for the Agent to say what it can do.
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

/// Sends what has finished.
pub(crate) async fn flush(server: Arc<Server>, timeout: Duration) -> Result<(), Refusal> {
    on_a_thread(move || server.flush(timeout)).await.map(drop)
}

/// Waits for what blocks.
async fn on_a_thread<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(call).await {
        Ok(result) => result,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// The tracer computes no statistics: nothing waits.
async fn flush_stats() -> Json<Value> {
    Json(json!({}))
}

/// Whether the Agent has said what it can do; waits for that.
async fn ensure_agent_info(State(server): Shared) -> Json<Value> {
    let is_ready = on_a_thread(move || server.wait_for_agent(INFO_TIMEOUT)).await;
    Json(json!({ "ready": is_ready }))
}

/// Dies as by a wrong access to memory: nobody gets a reply.
async fn crash() -> Result<(), Refusal> {
    let myself = rustix::process::getpid();
    // The standard library takes the first for an overflow of the stack, finds that it is none,
    // and steps aside for the next.
    loop {
        rustix::process::kill_process(myself, Signal::SEGV).map_err(Refusal::Unharmed)?;
    }
}

/// Each value a text, or null where the tracer has no such thing.
async fn config(server: Shared) -> Json<Value> {
    let config = server.config();
    let tags: Vec<_> = config.tags().map(|(key, value)| format!("{key}:{value}")).collect();
    let none = Value::Null;
    Json(json!({
        "config": {
            "dd_service": config.service(),
            "dd_env": config.env(),
            "dd_version": config.version(),
            "dd_tags": tags.join(","),
            "dd_trace_enabled": config.is_enabled().to_string(),
            "dd_trace_sample_rate": config.sample_rate().map(ToString::to_string),
            "dd_trace_sample_ignore_parent": none,
            "dd_trace_rate_limit": config.rate_limit().map_or("-1".to_owned(), |limit| limit.to_string()),
            "dd_trace_propagation_style": config.propagation().extracted_styles().to_string(),
            "dd_trace_debug": none,
            "dd_log_level": none,
            "dd_trace_otel_enabled": none,
            "dd_trace_agent_url": config.agent_url().to_string(),
            "dd_dogstatsd_host": config.dogstatsd_host(),
            "dd_dogstatsd_port": config.dogstatsd_port().to_string(),
            "dd_runtime_metrics_enabled": none,
            "dd_profiling_enabled": none,
            "dd_data_streams_enabled": none,
            "dd_logs_injection": none,
        }
    }))
}
