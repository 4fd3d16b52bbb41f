//! Both clients against services under ddtrace (Python) and dd-trace (Node): those continue our
//! trace, with every default header.

use ::http::Request;
use ::tower::{ServiceBuilder, ServiceExt};
use axum::body::Body;
use packdog::{InSpanExt, Tracer, test_util::CollectedSpan};
use packdog_client::{ClientTraceLayer, ClientTraceMiddleware};
use packdog_tests::{
    peers::{Hop, HopReply, PeerService},
    start_tracer,
};
use reqwest_middleware::ClientBuilder;

use super::call::{BOTH, Client, bare, hyper};

/// The headers of the default styles, in order of their names.
const DEFAULT_HEADERS: [&str; 7] = [
    "baggage",
    "traceparent",
    "tracestate",
    "x-datadog-parent-id",
    "x-datadog-sampling-priority",
    "x-datadog-tags",
    "x-datadog-trace-id",
];

async fn hop(client: Client, tracer: &Tracer, url: String) -> HopReply {
    let hop = Hop::default();
    match client {
        Client::Tower => {
            let client = ServiceBuilder::new()
                .layer(ClientTraceLayer::new().tracer(tracer))
                .service(hyper());
            let body = Body::from(serde_json::to_vec(&hop).unwrap());
            let request = Request::post(url).header("content-type", "application/json");
            let response = client.oneshot(request.body(body).unwrap()).await.unwrap();
            let body = axum::body::to_bytes(Body::new(response.into_body()), usize::MAX);
            serde_json::from_slice(&body.await.unwrap()).unwrap()
        }
        Client::Reqwest => {
            let middleware = ClientTraceMiddleware::new().tracer(tracer);
            let client = ClientBuilder::new(bare()).with(middleware).build();
            client.post(url).json(&hop).send().await.unwrap().json().await.unwrap()
        }
    }
}

async fn continues_our_trace(peer: &PeerService) {
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let job = tracer.span("job").start();
        job.baggage().set("plan", "pro & more");
        let reply = hop(client, &tracer, peer.hop_url()).in_span(job).await;

        let [_job, call] = <[CollectedSpan; 2]>::try_from(collector.spans()).unwrap();
        assert_eq!(reply.trace_id, call.trace_id.to_string(), "{client:?}");
        assert_ne!(reply.span_id, call.span_id.to_string());
        assert_eq!(reply.baggage["plan"], "pro & more");
        let names = reply.headers.keys().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(names, DEFAULT_HEADERS, "{client:?}");
        let parent = call.span_id.to_u64().to_string();
        assert_eq!(reply.headers["x-datadog-parent-id"], parent);
        let traceparent = format!("00-{}-{}-01", call.trace_id, call.span_id);
        assert_eq!(reply.headers["traceparent"], traceparent);
    }
}

#[tokio::test]
async fn a_python_service_continues_our_trace_from_every_default_header() {
    let Some(peer) = PeerService::python("pantry").start().await else { return };
    continues_our_trace(&peer).await;
}

#[tokio::test]
async fn a_node_service_continues_our_trace_from_every_default_header() {
    let Some(peer) = PeerService::node("pantry").start().await else { return };
    continues_our_trace(&peer).await;
}
