//! The same requests to a Starlette service under ddtrace and to an axum service of ours: their
//! server spans agree, apart from a short list.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use axum::{Router, extract::Path, http::StatusCode, routing::get};
use packdog::Config;
use packdog_server::ServerTraceLayer;
use packdog_tests::peers::{PeerService, Span, TestAgent};
use tokio::net::TcpListener;

/// Tags that differ, and why. Everything else has to agree.
const DIFFERENT: [(&str, &str); 13] = [
    ("_dd.measured", "ours always: statistics of a server are wanted below other spans too"),
    ("_dd.p.tid", "the time at which the trace began is part of it"),
    ("_dd.svc_src", "that the service is configured, which ours does not report"),
    ("_dd.tags.process", "names the program, and how it was started"),
    ("_dd.tracer_kr", "a figure of the sampler, which ours does not report"),
    ("asgi.spec_version", "of Python's interface of servers"),
    ("asgi.version", "of Python's interface of servers"),
    ("component", "names the framework"),
    ("error.message", "ddtrace has no message for a status, ours names it"),
    ("error.type", "ddtrace has no type for a status, ours names it"),
    ("language", "of the tracer"),
    ("process_id", "of the process"),
    ("runtime-id", "of the process"),
];

/// A request, and whether both sides mark its response as an error.
const REQUESTS: [(&str, bool); 5] = [
    ("/users/7?page=1&token=secret", false),
    ("/users/7", false),
    ("/error", true),
    ("/missing", false),
    ("/nowhere", false),
];

fn app() -> Router {
    Router::new()
        .route("/users/{id}", get(async |Path(id): Path<String>| format!("user {id}")))
        .route("/error", get(async || (StatusCode::INTERNAL_SERVER_ERROR, "error")))
        .route("/missing", get(async || (StatusCode::NOT_FOUND, "missing")))
}

/// Asks for `path` with the same headers on both sides; the host is not the address.
async fn ask(origin: &str, path: &str) -> u16 {
    let client = reqwest::Client::builder().user_agent("walker/1").build().unwrap();
    let request = client.get(format!("{origin}{path}")).header("host", "example.com");
    let request = request.header("referer", "https://shop.example.com/cart");
    request.send().await.unwrap().status().as_u16()
}

/// The one server span of each request, in order.
async fn server_spans(agent: &TestAgent, is_ours: bool) -> Vec<Span> {
    let traces = agent.wait_for_spans(REQUESTS.len()).await;
    let mut spans: Vec<_> = traces
        .into_iter()
        .flatten()
        .filter(|span| span.tag("span.kind") == Some("server"))
        .filter(|span| (span.tag("language") == Some("rust")) == is_ours)
        .collect();
    spans.sort_by_key(|span| span.start);
    assert_eq!(spans.len(), REQUESTS.len(), "{spans:?}");
    spans
}

/// All tags, without those that differ.
fn tags(span: &Span) -> BTreeMap<String, String> {
    let metrics = span.metrics.iter().map(|(key, value)| (key.clone(), value.to_string()));
    let texts = span.meta.iter().map(|(key, value)| (key.clone(), value.clone()));
    let is_same = |key: &str| DIFFERENT.iter().all(|(different, _)| *different != key);
    texts.chain(metrics).filter(|(key, _)| is_same(key)).collect()
}

#[tokio::test]
async fn server_spans_agree_with_those_of_starlette_under_ddtrace() {
    let (Some(python_agent), Some(agent)) = (TestAgent::start().await, TestAgent::start().await)
    else {
        return;
    };
    let service = PeerService::python("users").agent(&python_agent).start().await;
    let Some(service) = service else { return };
    let starlette = service.hop_url().trim_end_matches("/hop").to_owned();

    let config = Config::new().with_service("users").with_agent_url(agent.url());
    let packdog = config.build().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let axum = format!("http://{}", listener.local_addr().unwrap());
    let app = app().layer(ServerTraceLayer::new().tracer(packdog.tracer()));
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async { axum::serve(listener, app).await });

    for (path, _) in REQUESTS {
        assert_eq!(ask(&starlette, path).await, ask(&axum, path).await, "{path}");
    }
    tokio::task::spawn_blocking(move || packdog.flush(Duration::from_secs(30))).await.unwrap();

    let theirs = server_spans(&python_agent, false).await;
    let ours = server_spans(&agent, true).await;
    for (((path, is_error), theirs), ours) in REQUESTS.into_iter().zip(&theirs).zip(&ours) {
        assert_eq!(tags(ours), tags(theirs), "{path}: ours, theirs");
        // If no route matches, the resource in ddtrace is the path, of which clients could make up
        // any number; in packdog it is `GET 404`.
        let resource = if path == "/nowhere" { "GET 404" } else { &theirs.resource };
        assert_eq!(ours.resource, resource, "{path}");
        assert_eq!([&ours.span_type, &theirs.span_type], [&Some("web".to_owned()); 2], "{path}");
        assert_eq!([ours.error, theirs.error], [i32::from(is_error); 2], "{path}");
        assert_eq!([&ours.service, &theirs.service], ["users"; 2], "{path}");
        // Their operation name contains the framework, ours does not.
        assert_eq!([&*ours.name, &*theirs.name], ["http.request", "starlette.request"], "{path}");
    }
    agent.assert_no_failed_checks().await;
}
