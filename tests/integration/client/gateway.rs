//! A gateway that copies the headers of a request: axum in front, the traced client behind.

use ::http::{Request, Uri, uri::PathAndQuery};
use ::tower::{Layer, ServiceExt};
use axum::{Router, body::Body};
use packdog_client::{ClientTraceLayer, Egress};
use packdog_server::ServerTraceLayer;
use packdog_tests::start_tracer;
use tokio::net::TcpListener;

use super::{
    call::{bare, hyper},
    server::{Lines, Server, values},
};

#[tokio::test]
async fn a_request_through_the_gateway_is_one_trace_and_strangers_get_no_baggage() {
    let backends = [Server::start_at("127.0.0.1").await, Server::start_at("127.0.0.2").await];
    for (backend, gets_baggage) in backends.iter().zip([true, false]) {
        let (tracer, _collector) = start_tracer("users");
        let egress = Egress::new().baggage_to(["none", "127.0.0.1"]);
        let client = ClientTraceLayer::new().tracer(&tracer).egress(egress).layer(hyper());
        let authority = backend.address.to_string();
        let gateway = Router::new()
            .fallback(async move |mut request: Request<Body>| {
                let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
                let uri = Uri::builder().scheme("http").authority(authority).path_and_query(path);
                *request.uri_mut() = uri.build().unwrap();
                client.oneshot(request).await.unwrap().map(Body::new)
            })
            .layer(ServerTraceLayer::new().tracer(&tracer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/status/200", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, gateway).await });

        let call = bare().get(url).header("x-datadog-origin", "rum").header("baggage", "plan=pro");
        // The host that the caller names is no reason to trust the backend.
        let call = call.header("host", "localhost");
        let lines: Lines = call.send().await.unwrap().json().await.unwrap();
        let expected: &[&str] = if gets_baggage { &["plan=pro"] } else { &[] };
        assert_eq!(values(&lines, "baggage"), expected);
        // An origin without a trace is none, and does not become that of ours.
        assert_eq!(values(&lines, "x-datadog-origin"), [""; 0]);
        let [parent] = values(&lines, "x-datadog-parent-id")[..] else { panic!("{lines:?}") };
        let parent = format!("-{:016x}-", parent.parse::<u64>().unwrap());
        assert!(values(&lines, "traceparent")[0].contains(&parent), "{lines:?}");
    }
}
