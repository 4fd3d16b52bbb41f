//! An axum server whose requests are traced from the first byte to the last.
//!
//! ```text
//! order in axum: the layer added last is outermost        in a ServiceBuilder: the one named first
//!
//! .layer(from_fn(plan))           sees the span           ServiceBuilder::new()
//! .layer(CatchPanicLayer::new())  catches panics              .layer(CatchPanicLayer::new())
//!   .layer(ServerTraceLayer)      records it                  .layer(ServerTraceLayer::new())
//! ```
//! It requests its own routes one after the other and prints the spans that the Datadog Agent would
//! get; with `--serve` it keeps running, to be called with curl.

#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::{Path, Request},
    http::{HeaderName, StatusCode},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use packdog::{Config, InSpanExt};
use packdog_dev_agent::DevAgent;
use packdog_server::{
    Acceptance, ActiveBaggage, ActiveSpan, Ingress, ResponseError, ServerTraceLayer,
};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

type Failure = Box<dyn Error + Send + Sync>;

/// The time that the example waits for spans to arrive.
const PATIENCE: Duration = Duration::from_secs(5);
/// The paths that it requests, and the number of spans of each.
const PATHS: [(&str, usize); 5] =
    [("/healthz", 0), ("/users/7?token=secret", 2), ("/broken", 1), ("/panic", 1), ("/nowhere", 1)];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let agent = DevAgent::start()?;
    let config = Config::from_env().with_service("users").with_agent_url(agent.url());
    let packdog = config.init()?;

    let listener = TcpListener::bind((IpAddr::from(Ipv4Addr::LOCALHOST), 0)).await?;
    let address = listener.local_addr()?;
    // With the peer's address, which the ingress policy needs.
    let service = app()?.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });

    for (path, _) in PATHS {
        let response = reqwest::get(format!("http://{address}{path}")).await?;
        let trace_id = response.headers().get("x-trace-id").cloned();
        println!("GET {path}  {}  x-trace-id={trace_id:?}", response.status());
        response.bytes().await?;
    }
    if std::env::args().any(|argument| argument == "--serve") {
        println!("\ncall it, with Ctrl-C to stop:");
        println!("  curl -i -H 'baggage: plan=pro' http://{address}/users/7");
        println!("the spans are shown at {}", agent.url());
        tokio::signal::ctrl_c().await?;
    }
    packdog.shutdown_async(PATIENCE).await;
    let spans = PATHS.iter().map(|(_, spans)| spans).sum();
    for trace in agent.wait_for_spans(spans, PATIENCE).await? {
        println!("\n{}", trace.picture());
    }
    Ok(())
}

fn app() -> Result<Router, Failure> {
    // Requests of other peers start a new trace that links to theirs, and may set one baggage item.
    let ingress = Ingress::trusting_none()
        .trust_network("127.0.0.0/8")?
        .trust_network("10.0.0.0/8")?
        .strangers(Acceptance::restart().baggage_keys(["locale"]).baggage_max_bytes(64));
    let tracing = ServerTraceLayer::new()
        .ingress(ingress)
        .ignore_path("/healthz")
        .body_metrics(true)
        .trace_id_header(HeaderName::from_static("x-trace-id"));
    Ok(Router::new()
        .route("/healthz", get(async || "fine"))
        .route("/users/{id}", get(user))
        .route("/broken", get(broken))
        .route("/panic", get(panicking))
        // Inside the layer: handlers see the baggage that it sets, and their calls carry it.
        .layer(from_fn(plan))
        // After the routes, since only routes added before the layer are traced.
        .layer(tracing)
        // Outside the layer, so that the span records the panic before it is caught.
        .layer(CatchPanicLayer::new()))
}

async fn plan(request: Request, next: Next) -> Response {
    packdog::current_span().baggage().set("plan", "pro");
    next.run(request).await
}

async fn user(span: ActiveSpan, baggage: ActiveBaggage, Path(id): Path<u64>) -> String {
    span.set_tag("user.id", id);
    let load = async { format!("user {id}\n") };
    let user = load.in_span(packdog::span("users.load")).await;
    format!("{user}plan {}\n", baggage.get("plan").unwrap_or_default())
}

async fn broken() -> Result<(), UsersError> {
    Err(UsersError(io::Error::other("disk full")))
}

#[expect(clippy::panic, reason = "shown on purpose")]
async fn panicking() {
    panic!("no bread");
}

/// An error whose causes are recorded on the span.
#[derive(Debug)]
struct UsersError(io::Error);

impl fmt::Display for UsersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no users")
    }
}

impl Error for UsersError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl IntoResponse for UsersError {
    fn into_response(self) -> Response {
        let body = self.to_string();
        (StatusCode::SERVICE_UNAVAILABLE, Extension(ResponseError::new(self)), body).into_response()
    }
}
