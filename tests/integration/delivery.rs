//! An application under load whose Agent is down, failing or silent: every request is served, and every span is counted.
//!
//! ```text
//! test ──500 requests──▶ axum under ServerTraceLayer ──spans──▶ queue ──✗──▶ Agent
//!                        created = sent + dropped + queued
//! ```

use std::{
    net::SocketAddr,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use http::StatusCode;
use packdog::{Config, Guard, Tracer, limits::Report, span::Parent};
use packdog_dev_agent::{DevAgent, Outcome};
use packdog_server::{ActiveSpan, ServerTraceLayer};
use tokio::net::{TcpListener, TcpSocket};

/// Longer than any test, so that everything that ends earlier has ended on its own.
const LONG: Duration = Duration::from_secs(600);
/// Requests of a load.
const REQUESTS: u64 = 500;
/// Connections at a time.
const CONNECTIONS: u64 = 10;
/// The span of the request, and one below it.
const SPANS_PER_REQUEST: u64 = 2;

struct App {
    address: SocketAddr,
    tracer: Arc<Guard>,
}

impl App {
    async fn start(agent_url: &str) -> Self {
        let config =
            Config::new().with_service("users").with_agent_timeout(Duration::from_secs(60));
        let tracer = config.with_agent_url(agent_url).build().unwrap();
        let router = Router::new()
            .route("/", get(served))
            .route("/traces/{count}/{bytes}", get(traces))
            .layer(ServerTraceLayer::new().tracer(tracer.tracer()))
            .with_state(tracer.tracer().clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, tracer: Arc::new(tracer) }
    }

    /// An application that waits for its Agent with one request's spans.
    async fn start_with_spans_on_their_way(agent: &DevAgent) -> Self {
        let app = Self::start(&agent.url()).await;
        let tracer = Arc::clone(&app.tracer);
        // The Agent is silent only from here on: it has served `/info`.
        let has_answered = tokio::task::spawn_blocking(move || tracer.wait_for_agent(LONG));
        assert!(has_answered.await.unwrap());
        agent.hold();
        app.load("/", 1).await;
        app.flush(Duration::ZERO).await;
        agent.wait_for_requests(1, LONG).await.unwrap();
        app
    }

    /// Sends this many requests and waits for all responses.
    async fn load(&self, path: &str, requests: u64) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{}{path}", self.address);
        let connections = (0..CONNECTIONS.min(requests)).map(|connection| {
            let (client, url) = (client.clone(), url.clone());
            tokio::spawn(async move {
                for _ in (connection..requests).step_by(CONNECTIONS as usize) {
                    let response = client.get(&url).send().await.unwrap();
                    assert_eq!(response.status(), StatusCode::OK);
                    assert_eq!(response.text().await.unwrap(), "served");
                }
            })
        });
        for connection in connections.collect::<Vec<_>>() {
            connection.await.unwrap();
        }
    }

    async fn flush(&self, timeout: Duration) -> Report {
        let tracer = Arc::clone(&self.tracer);
        tokio::task::spawn_blocking(move || tracer.flush(timeout)).await.unwrap()
    }

    async fn shutdown(&self, timeout: Duration) -> Report {
        let tracer = Arc::clone(&self.tracer);
        tokio::task::spawn_blocking(move || tracer.shutdown(timeout)).await.unwrap()
    }
}

async fn served(span: ActiveSpan) -> &'static str {
    drop(span.child("work").start());
    "served"
}

/// Makes so many traces of one span with a tag of so many bytes, besides that of the request.
async fn traces(
    State(tracer): State<Tracer>,
    Path((count, bytes)): Path<(u64, usize)>,
) -> &'static str {
    let text = "x".repeat(bytes);
    for _ in 0..count {
        drop(tracer.span("work").child_of(Parent::Nothing).tag("text", &text).start());
    }
    "served"
}

fn created(requests: u64) -> u64 {
    requests * SPANS_PER_REQUEST
}

fn accounted_for(report: Report) -> u64 {
    report.sent + report.dropped + report.queued
}

#[tokio::test]
async fn requests_are_served_while_the_agent_is_down() {
    // Bound and not listening: connections are refused.
    let down = TcpSocket::new_v4().unwrap();
    down.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let app = App::start(&format!("http://{}", down.local_addr().unwrap())).await;
    for load in 1..=2 {
        app.load("/", REQUESTS).await;
        let report = app.flush(Duration::ZERO).await;
        assert_eq!((report.sent, accounted_for(report)), (0, created(load * REQUESTS)));
        assert_eq!(app.flush(LONG).await, Report::new(0, created(load * REQUESTS), 0));
    }
    app.load("/", REQUESTS).await;
    assert_eq!(app.shutdown(LONG).await, Report::new(0, created(3 * REQUESTS), 0));
}

#[tokio::test]
async fn requests_are_served_while_the_agent_returns_500_and_later_spans_arrive_once_it_recovers() {
    let agent = DevAgent::start().unwrap();
    agent.respond_with(StatusCode::INTERNAL_SERVER_ERROR);
    let app = App::start(&agent.url()).await;
    app.load("/", REQUESTS).await;
    let report = app.flush(Duration::ZERO).await;
    assert_eq!((report.sent, accounted_for(report)), (0, created(REQUESTS)));
    let lost = created(REQUESTS);
    assert_eq!(app.flush(LONG).await, Report::new(0, lost, 0));
    let refused = Outcome::FixedStatus(StatusCode::INTERNAL_SERVER_ERROR);
    let requests = agent.requests();
    assert!(!requests.is_empty());
    assert!(requests.iter().all(|request| request.outcome == refused), "{requests:?}");

    agent.respond_with(None);
    app.load("/", REQUESTS).await;
    assert_eq!(app.shutdown(LONG).await, Report::new(created(REQUESTS), lost, 0));
    agent.wait_for_spans(created(REQUESTS) as usize, LONG).await.unwrap();
}

#[tokio::test]
async fn requests_are_served_while_the_agent_is_silent_and_all_spans_arrive_once_it_responds() {
    let agent = DevAgent::start().unwrap();
    let app = App::start_with_spans_on_their_way(&agent).await;
    app.load("/", REQUESTS).await;
    let all = created(1 + REQUESTS);
    assert_eq!(app.flush(Duration::ZERO).await, Report::new(0, 0, all));
    agent.release();
    assert_eq!(app.shutdown(LONG).await, Report::new(all, 0, 0));
    let traces = agent.wait_for_spans(all as usize, LONG).await.unwrap();
    assert_eq!(traces.len() as u64, 1 + REQUESTS);
    assert!(traces.iter().all(|trace| trace.spans().count() as u64 == SPANS_PER_REQUEST));
}

#[tokio::test]
async fn shutdown_returns_while_the_agent_is_silent_and_counts_dropped_spans() {
    let agent = DevAgent::start().unwrap();
    let app = App::start_with_spans_on_their_way(&agent).await;
    app.load("/", REQUESTS).await;
    let report = Report::new(0, created(REQUESTS), created(1));
    let (timeout, began) = (Duration::from_millis(10), Instant::now());
    assert_eq!(app.shutdown(timeout).await, report);
    // The promise to the application; a shutdown takes far less.
    assert!(began.elapsed() < timeout + Duration::from_secs(2));
    // Served as before, and no longer recorded.
    app.load("/", REQUESTS).await;
    assert_eq!(app.flush(LONG).await, report);
}

/// The limits of the queue, which always hold: 16 384 chunks, 12 MiB.
#[tokio::test]
async fn the_queue_for_a_silent_agent_is_bounded_in_number_and_in_bytes() {
    const TRACES_PER_REQUEST: u64 = 400;
    #[rustfmt::skip]
    let table = [
        // bytes of each span   spans that may wait
        (0,                     16_384),
        (20_000,                (12 << 20) / 20_000),
    ];
    for (bytes, most) in table {
        let agent = DevAgent::start().unwrap();
        let app = App::start_with_spans_on_their_way(&agent).await;
        let requests = most / TRACES_PER_REQUEST + 2;
        app.load(&format!("/traces/{TRACES_PER_REQUEST}/{bytes}"), requests).await;
        let report = app.flush(Duration::ZERO).await;
        let spans = created(1) + requests * (1 + TRACES_PER_REQUEST);
        assert_eq!((report.sent, accounted_for(report)), (0, spans));
        // The first chunk has two spans; the small spans of requests fit where a large one does not.
        let smallest_share = most / 2..=most + 1 + if bytes > 0 { requests } else { 0 };
        assert!(smallest_share.contains(&report.queued), "{bytes}: {report:?}");
        agent.release();
        let settled = Report::new(report.queued, report.dropped, 0);
        assert_eq!(app.flush(LONG).await, settled);
        agent.wait_for_spans(report.queued as usize, LONG).await.unwrap();
    }
}

/// Standard error belongs to the whole process, so each of these tests gets one of its own.
#[test]
fn a_failing_agent_causes_one_warning_and_not_one_per_request() {
    #[rustfmt::skip]
    let table = [
        // test                                                                                   warnings
        ("requests_are_served_while_the_agent_is_down",                                                  1),
        ("requests_are_served_while_the_agent_returns_500_and_later_spans_arrive_once_it_recovers",     1),
        ("requests_are_served_while_the_agent_is_silent_and_all_spans_arrive_once_it_responds",         0),
        ("shutdown_returns_while_the_agent_is_silent_and_counts_dropped_spans",                        1),
        // Two tracers, each with its own.
        ("the_queue_for_a_silent_agent_is_bounded_in_number_and_in_bytes",                              2),
    ];
    for (test, warnings) in table {
        let mut tests = Command::new(std::env::current_exe().unwrap());
        let output = tests.args(["--exact", &format!("delivery::{test}")]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        let complaints = String::from_utf8_lossy(&output.stderr);
        let lines = complaints.lines().filter(|line| line.starts_with("packdog: "));
        assert_eq!(lines.count(), warnings, "{test}: {complaints}");
    }
}
