//! The life of a client span: when it ends, and that concurrent spans do not mix.

use std::{collections::HashMap, sync::Arc};

use ::http::{Extensions, Request};
use ::tower::{Layer, Service, ServiceExt, service_fn};
use axum::body::Body;
use packdog::{
    InSpanExt, Tracer,
    test_util::{CollectedSpan, Collector},
};
use packdog_client::{ClientTraceLayer, ClientTraceMiddleware};
use packdog_tests::{start_tracer, traceparent};
use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    call::{BOTH, bare, hyper},
    server::{Lines, Server, values},
};
use reqwest_middleware::{ClientBuilder, Middleware, Next};

fn assert_cancelled(span: &CollectedSpan) {
    assert_eq!(span.text("http.request.cancelled"), Some("true"));
    assert_eq!(span.text("http.request.cancelled_in"), Some("head"));
    assert_eq!(span.text("http.status_code"), None);
    assert!(!span.is_error);
}

#[tokio::test]
async fn a_call_dropped_before_its_response_finishes_its_span_as_cancelled() {
    let mut server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let url = server.url("/never");
        tokio::select! {
            biased;
            response = client.get(&tracer, &url) => panic!("unexpected {response:?}"),
            arrival = server.arrivals.recv() => arrival.unwrap(),
        }
        assert_cancelled(&collector.only_span());
    }
}

#[tokio::test]
async fn a_call_that_is_never_polled_finishes_its_span_as_cancelled() {
    let (tracer, collector) = start_tracer("users");
    let mut client = ClientTraceLayer::new().tracer(&tracer).layer(hyper());
    let request = Request::get("http://localhost/").body(Body::empty()).unwrap();
    let response = client.ready().await.unwrap().call(request);
    assert_eq!(collector.spans().len(), 0);
    drop(response);
    assert_cancelled(&collector.only_span());
}

#[tokio::test]
async fn the_span_has_ended_when_the_head_of_the_response_is_there() {
    let server = Server::start().await;
    let (tracer, collector) = start_tracer("users");
    let client = ClientTraceLayer::new().tracer(&tracer).layer(hyper());
    let request = Request::get(server.url("/status/200")).body(Body::empty()).unwrap();
    let response = client.oneshot(request).await.unwrap();
    assert_eq!(collector.only_span().text("http.request.cancelled"), None);
    drop(response);
}

/// The number of calls that are under way at once, and how many of them may hold a socket.
const CALLS: usize = 1000;
const SOCKETS: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_concurrent_calls_through_the_layer_keep_their_parents() {
    let (tracer, collector) = start_tracer("users");
    let sockets = Arc::new(Semaphore::new(SOCKETS));
    let hyper = hyper();
    let narrow = service_fn(move |request| {
        let (hyper, sockets) = (hyper.clone(), Arc::clone(&sockets));
        async move {
            let _permit = sockets.acquire_owned().await.unwrap();
            hyper.request(request).await
        }
    });
    let client = ClientTraceLayer::new().tracer(&tracer).layer(narrow);
    keeps_parents(&tracer, &collector, |url| {
        let client = client.clone();
        async move {
            let request = Request::get(url).body(Body::empty()).unwrap();
            let body = Body::new(client.oneshot(request).await.unwrap().into_body());
            serde_json::from_slice(&axum::body::to_bytes(body, usize::MAX).await.unwrap()).unwrap()
        }
    })
    .await;
}

struct Narrow(Semaphore);

#[async_trait::async_trait]
impl Middleware for Narrow {
    async fn handle(
        &self,
        request: ::reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<::reqwest::Response> {
        let _permit = self.0.acquire().await.unwrap();
        next.run(request, extensions).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_concurrent_calls_through_the_middleware_keep_their_parents() {
    let (tracer, collector) = start_tracer("users");
    let client = ClientBuilder::new(bare())
        .with(ClientTraceMiddleware::new().tracer(&tracer))
        .with(Narrow(Semaphore::new(SOCKETS)))
        .build();
    keeps_parents(&tracer, &collector, |url| {
        let call = client.get(url).send();
        async { call.await.unwrap().json().await.unwrap() }
    })
    .await;
}

async fn keeps_parents<F>(tracer: &Tracer, collector: &Collector, call: impl Fn(String) -> F)
where
    F: Future<Output = Lines> + Send + 'static,
{
    let server = Server::start().await;
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let job = tracer.span("job").start();
        let job_id = job.span_id();
        let call = call(server.url("/status/200"));
        calls.spawn(async move { (job_id, call.await) }.in_span(job));
    }
    let responses = calls.join_all().await;

    let spans = collector.spans();
    let parents = spans
        .iter()
        .filter(|span| span.name == "http.request")
        .map(|span| (traceparent(span), span.parent_id))
        .collect::<HashMap<_, _>>();
    assert_eq!((responses.len(), parents.len()), (CALLS, CALLS));
    for (job_id, lines) in responses {
        let [parent] = values(&lines, "traceparent")[..] else {
            panic!("one header of ours: {lines:?}")
        };
        assert_eq!(parents[parent], job_id);
    }
}
