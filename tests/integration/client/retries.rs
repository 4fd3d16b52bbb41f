//! Retry layers between two of ours, before one, and behind one.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::{Ready, poll_fn, ready},
    sync::{Arc, Mutex},
    task::Poll,
};

use ::http::{Extensions, Request, Response, StatusCode};
use ::tower::{ServiceBuilder, ServiceExt, retry, service_fn};
use axum::body::Body;
use packdog::test_util::CollectedSpan;
use packdog_client::{ClientTraceLayer, ClientTraceMiddleware};
use packdog_tests::{start_tracer, traceparent};
use reqwest_middleware::{ClientBuilder, Middleware, Next};
use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};

use super::call::bare;

/// A server that fails twice and then succeeds; it keeps the `traceparent` of each attempt.
#[derive(Clone)]
struct Flaky {
    statuses: Arc<Mutex<VecDeque<StatusCode>>>,
    traceparents: Arc<Mutex<Vec<String>>>,
}

impl Flaky {
    fn new() -> Self {
        let statuses = [StatusCode::BAD_GATEWAY, StatusCode::BAD_GATEWAY, StatusCode::OK];
        Self { statuses: Arc::new(Mutex::new(statuses.into())), traceparents: Arc::default() }
    }

    fn status<B>(&self, request: &Request<B>) -> StatusCode {
        let traceparent = request.headers()["traceparent"].to_str().unwrap().to_owned();
        assert_eq!(request.headers().get_all("traceparent").iter().count(), 1);
        self.traceparents.lock().unwrap().push(traceparent);
        self.statuses.lock().unwrap().pop_front().unwrap()
    }

    fn traceparents(&self) -> Vec<String> {
        self.traceparents.lock().unwrap().clone()
    }
}

/// Tries again while the response is a server error.
#[derive(Clone)]
struct Again;

impl retry::Policy<Request<()>, Response<()>, Infallible> for Again {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<()>,
        result: &mut Result<Response<()>, Infallible>,
    ) -> Option<Self::Future> {
        let is_failed = result.as_ref().is_ok_and(|response| response.status().is_server_error());
        is_failed.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<()>) -> Option<Request<()>> {
        Some(request.clone())
    }
}

fn assert_attempts(
    spans: &[CollectedSpan],
    traceparents: &[String],
    logical: Option<&CollectedSpan>,
) {
    let retries = spans.iter().map(|span| span.number("http.retry_count")).collect::<Vec<_>>();
    assert_eq!(retries, [None, Some(1.0), Some(2.0)]);
    let parent = logical.map(|span| span.span_id);
    assert!(spans.iter().all(|span| span.parent_id == parent), "{spans:?}");
    assert_eq!(traceparents, spans.iter().map(traceparent).collect::<Vec<_>>());
}

#[tokio::test]
async fn with_layers_on_both_sides_of_towers_retry_attempts_are_counted_children() {
    let (tracer, collector) = start_tracer("users");
    let flaky = Flaky::new();
    let server = flaky.clone();
    let layer = ClientTraceLayer::new().tracer(&tracer);
    let client = ServiceBuilder::new()
        .layer(layer.clone())
        .layer(retry::RetryLayer::new(Again))
        .layer(layer)
        .service(service_fn(move |request: Request<()>| {
            let mut response = Response::new(());
            *response.status_mut() = server.status(&request);
            ready(Ok::<_, Infallible>(response))
        }));
    let response = client.oneshot(Request::get("http://pantry/").body(()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let spans = collector.spans();
    let (logical, attempts) = spans.split_first().unwrap();
    assert_eq!(logical.number("http.retry_count"), None);
    assert_eq!(logical.text("http.status_code"), Some("200"));
    assert_attempts(attempts, &flaky.traceparents(), Some(logical));
}

#[tokio::test]
async fn before_towers_retry_one_span_covers_all_attempts() {
    let (tracer, collector) = start_tracer("users");
    let flaky = Flaky::new();
    let server = flaky.clone();
    let client = ServiceBuilder::new()
        .layer(ClientTraceLayer::new().tracer(&tracer))
        .layer(retry::RetryLayer::new(Again))
        .service(service_fn(move |request: Request<()>| {
            let mut response = Response::new(());
            *response.status_mut() = server.status(&request);
            ready(Ok::<_, Infallible>(response))
        }));
    client.oneshot(Request::get("http://pantry/").body(()).unwrap()).await.unwrap();
    let span = collector.only_span();
    assert_eq!(flaky.traceparents(), vec![traceparent(&span); 3]);
}

/// A server that fails twice, and its URL.
async fn served(flaky: &Flaky) -> String {
    let flaky = flaky.clone();
    let handler = async move |request: Request<Body>| flaky.status(&request);
    let router = axum::Router::new().fallback(handler);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn retrying() -> RetryTransientMiddleware<ExponentialBackoff> {
    let none = std::time::Duration::ZERO;
    let policy = ExponentialBackoff::builder().retry_bounds(none, none).build_with_max_retries(3);
    RetryTransientMiddleware::new_with_policy(policy)
}

#[tokio::test]
async fn behind_reqwest_retry_each_attempt_has_a_counted_span() {
    let (tracer, collector) = start_tracer("users");
    let flaky = Flaky::new();
    let client = ClientBuilder::new(bare())
        .with(retrying())
        .with(ClientTraceMiddleware::new().tracer(&tracer))
        .build();
    client.get(served(&flaky).await).send().await.unwrap();
    assert_attempts(&collector.spans(), &flaky.traceparents(), None);
}

#[tokio::test]
async fn with_middleware_on_both_sides_of_reqwest_retry_attempts_are_counted_children() {
    let (tracer, collector) = start_tracer("users");
    let flaky = Flaky::new();
    let middleware = ClientTraceMiddleware::new().tracer(&tracer);
    let client = ClientBuilder::new(bare())
        .with(middleware.clone())
        .with(retrying())
        .with(middleware)
        .build();
    client.get(served(&flaky).await).send().await.unwrap();
    let spans = collector.spans();
    let (logical, attempts) = spans.split_first().unwrap();
    assert_attempts(attempts, &flaky.traceparents(), Some(logical));
}

/// Gives up on two attempts that have begun, and then waits for the third.
struct Impatient;

#[async_trait::async_trait]
impl Middleware for Impatient {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        for _ in 0..2 {
            let mut attempt = next.clone().run(request.try_clone().unwrap(), extensions);
            let is_open = poll_fn(|cx| Poll::Ready(attempt.as_mut().poll(cx).is_pending())).await;
            assert!(is_open);
        }
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn attempts_that_were_given_up_are_counted() {
    let (tracer, collector) = start_tracer("users");
    let layer = || ClientTraceMiddleware::new().tracer(&tracer);
    let client = ClientBuilder::new(bare()).with(layer()).with(Impatient).with(layer()).build();
    client.get("http://127.0.0.1:1").send().await.unwrap_err();
    let mut counts: Vec<_> = collector
        .spans()
        .iter()
        .map(|span| {
            (span.number("http.retry_count"), span.text("http.request.cancelled").is_some())
        })
        .collect();
    counts.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let given_up = [(None, true), (Some(1.0), true)];
    assert_eq!(counts, [&[(None, false)], &given_up[..], &[(Some(2.0), false)]].concat());
}
