//! The service of the interoperation tests in Rust: axum and reqwest under packdog, beside the peers in Python and Node.
//!
//! It speaks the protocol of `tests/peers/README.md`, and has a thread, a runtime and a tracer of its own,
//! so that it can outlive the runtime of a test, and several of them live in one process.

#![expect(clippy::panic, reason = "only tests call this, and a panic is how a test fails")]

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use packdog::{Config, Guard, limits::Report};
use packdog_client::ClientTraceMiddleware;
use packdog_server::{ActiveBaggage, ActiveSpan, ServerTraceLayer};
use reqwest_middleware::ClientWithMiddleware;
use serde_json::{Value, json};
use tokio::{runtime, sync::oneshot};

use crate::peers::{Hop, HopReply, NextHop};

/// The longest time until a service responds: far longer than it ever takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service in Rust that is up. It ends when this drops.
#[derive(Debug)]
pub struct RustService {
    address: SocketAddr,
    tracer: Arc<Guard>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RustService {
    /// Starts a service named `name` that reports to the Agent at `agent_url`; `configure` changes other settings.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(name: &str, agent_url: &str, configure: impl FnOnce(Config) -> Config) -> Self {
        let try_start = || -> anyhow::Result<Self> {
            let config = Config::new().with_service(name).with_agent_url(agent_url);
            let tracer = Arc::new(configure(config).build()?);
            let router = router(name, &tracer)?;
            let listener = TcpListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            let (stop, stopped) = oneshot::channel::<()>();
            let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
                runtime.block_on(async {
                    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                    tokio::select! {
                        _ = axum::serve(listener, router) => {}
                        _ = stopped => {}
                    }
                });
            })?;
            Ok(Self { address, tracer, stop: Some(stop), thread: Some(thread) })
        };
        try_start().unwrap_or_else(|error| panic!("{name} cannot start: {error}"))
    }

    /// The address of its `POST /hop`.
    #[must_use]
    pub fn hop_url(&self) -> String {
        format!("http://{}/hop", self.address)
    }

    /// Sends all finished spans, and returns the report.
    pub async fn flush(&self) -> Report {
        let tracer = Arc::clone(&self.tracer);
        let flushed = tokio::task::spawn_blocking(move || tracer.flush(PATIENCE)).await;
        flushed.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
    }
}

impl Drop for RustService {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // Its panic, if any, was printed.
        }
    }
}

/// Sends `hop` to a service in any language, with headers of the test's own, and returns the reply.
///
/// # Panics
/// When this service or one that it calls fails.
pub async fn send_hop(url: &str, headers: &[(&str, &str)], hop: &Hop) -> HopReply {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
    let mut request =
        client.unwrap_or_else(|error| panic!("no HTTP client: {error}")).post(url).json(hop);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
    let status = response.status();
    let text = response.text().await.unwrap_or_else(|error| panic!("{url}: {error}"));
    assert!(status.is_success(), "{url}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{url}: {error} in {text}"))
}

#[derive(Clone)]
struct Service {
    name: Arc<str>,
    client: ClientWithMiddleware,
}

fn router(name: &str, tracer: &Guard) -> reqwest::Result<Router> {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let client = reqwest_middleware::ClientBuilder::new(client)
        .with(ClientTraceMiddleware::new().tracer(tracer.tracer()))
        .build();
    let router = Router::new()
        .route("/hop", post(hop))
        .layer(ServerTraceLayer::new().tracer(tracer.tracer()))
        // Behind the layer, so that it makes no span.
        .route("/healthz", get(|| async { "ready" }))
        .with_state(Service { name: name.into(), client });
    Ok(router)
}

async fn hop(
    State(service): State<Service>,
    span: ActiveSpan,
    baggage: ActiveBaggage,
    headers: HeaderMap,
    Json(hop): Json<Hop>,
) -> Result<Json<HopReply>, (StatusCode, Json<Value>)> {
    let received = baggage.items();
    for (key, value) in &hop.set_baggage {
        baggage.set(key, value);
    }
    for key in &hop.remove_baggage {
        baggage.remove(key);
    }
    span.set_tags(hop.tags);
    if hop.keep {
        span.set_tag("manual.keep", true);
    }
    if hop.drop {
        span.set_tag("manual.drop", true);
    }
    let mut replies = Vec::new();
    for next in &hop.next {
        let reply = service.call(next).await;
        replies.push(reply.map_err(|error| {
            (StatusCode::BAD_GATEWAY, Json(json!({ "error": format!("{}: {error}", next.url) })))
        })?);
    }
    Ok(Json(HopReply {
        service: service.name.to_string(),
        trace_id: span.trace_id().map(|id| id.to_string()).unwrap_or_default(),
        span_id: span.span_id().map(|id| id.to_string()).unwrap_or_default(),
        baggage: received.iter().map(|(key, value)| (key.into(), value.into())).collect(),
        headers: trace_headers(&headers),
        replies,
    }))
}

impl Service {
    async fn call(&self, next: &NextHop) -> reqwest_middleware::Result<HopReply> {
        let response = self.client.post(&next.url).json(&next.body).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }
}

/// The headers that carry trace and baggage; repeated lines are joined, as HTTP allows.
fn trace_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let carries = |name: &str| {
        matches!(name, "traceparent" | "tracestate" | "baggage" | "b3")
            || ["x-datadog-", "x-b3-", "ot-baggage-"].iter().any(|start| name.starts_with(start))
    };
    let joined = |name| {
        let values =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.collect::<Vec<_>>().join(", ")
    };
    let names = headers.keys().filter(|name| carries(name.as_str()));
    names.map(|name| (name.to_string(), joined(name))).collect()
}
