//! More of the exchange: metrics of the body, the trace id in the response, events and upgrades.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::Request,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::get,
};
use http::{HeaderName, StatusCode, header};
use hyper_util::rt::TokioIo;
use packdog::{InSpanExt, span::SpanLink};
use packdog_server::{ActiveBaggage, Handshake, ServerTraceLayer};
use packdog_tests::start_tracer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
};
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::harness::{open, read_until, request, serve};

#[tokio::test]
async fn bytes_and_time_to_first_byte_are_measured_if_configured() {
    #[rustfmt::skip]
    let table = [
        // path     measured  bytes             has a first byte
        ("/hello",  true,     Some(5.0),        true),
        ("/empty",  true,     Some(0.0),        false),
        ("/hello",  false,    None,             false),
    ];
    for (path, is_measured, bytes, has_first_byte) in table {
        let (tracer, collector) = start_tracer("users");
        let app =
            Router::new().route("/hello", get(async || "hello")).route("/empty", get(async || ()));
        let layer = ServerTraceLayer::new().tracer(&tracer).body_metrics(is_measured);
        request(serve(app.layer(layer)).await, "GET", path).await;
        let span = collector.wait_for_only_span().await;
        assert_eq!(span.number("http.response.body.bytes"), bytes, "{path}");
        let nanos = span.number("http.response.time_to_first_byte_ns");
        assert_eq!(nanos.is_some(), has_first_byte, "{path}");
        assert!(nanos.is_none_or(|nanos| nanos > 0.0), "{nanos:?}");
    }
}

#[tokio::test]
async fn the_trace_id_is_sent_in_a_header_if_configured() {
    let name = HeaderName::from_static("x-trace-id");
    let (tracer, collector) = start_tracer("users");
    let app = Router::new()
        .route("/", get(async || ()))
        .route("/own", get(async || [("x-trace-id", "own")]));
    let layer = ServerTraceLayer::new().tracer(&tracer).trace_id_header(name);
    let address = serve(app.layer(layer)).await;
    let response = reqwest::get(format!("http://{address}/")).await.unwrap();
    let trace_id = collector.wait_for_traces(1).await[0].trace_id.to_string();
    assert_eq!(
        (response.headers()["x-trace-id"].to_str().unwrap(), trace_id.len()),
        (&*trace_id, 32)
    );
    let response = reqwest::get(format!("http://{address}/own")).await.unwrap();
    assert_eq!(response.headers().get_all("x-trace-id").iter().collect::<Vec<_>>(), ["own"]);
}

#[tokio::test]
async fn a_stream_of_events_ends_when_its_reader_goes() {
    let (tracer, collector) = start_tracer("users");
    let (sender, receiver) = mpsc::unbounded_channel();
    let receiver = Arc::new(Mutex::new(Some(receiver)));
    let handler = async move || {
        let receiver = receiver.lock().unwrap().take().unwrap();
        Sse::new(UnboundedReceiverStream::new(receiver)).keep_alive(KeepAlive::default())
    };
    sender.send(Ok::<_, Infallible>(Event::default().data("first"))).unwrap();
    let app = Router::new().route("/", get(handler));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    let mut client = open(address).await;
    read_until(&mut client, "data: first").await;
    assert!(collector.traces().is_empty(), "the stream goes on");
    drop(client);
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.request.cancelled_in"), Some("body"));
    assert_eq!((span.is_error, span.text("http.status_code")), (false, Some("200")));
}

/// Responds with 101, and sends each received line back in a span of its own.
async fn echo(handshake: Handshake, baggage: ActiveBaggage, request: Request) -> Response {
    baggage.set("plan", "pro"); // Too late for the handshake, which was taken before.
    tokio::spawn(async move {
        let mut connection = TokioIo::new(hyper::upgrade::on(request).await.unwrap());
        let mut byte = [0];
        while connection.read_exact(&mut byte).await.is_ok() {
            let span = handshake.message_span("websocket.receive");
            connection.write_all(&byte).in_span(span).await.unwrap();
        }
    });
    let headers = [(header::CONNECTION, "upgrade"), (header::UPGRADE, "echo")];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

#[tokio::test]
async fn a_handshake_ends_with_its_response_and_messages_link_to_it() {
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route("/", get(echo));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
    let hello =
        "GET / HTTP/1.1\r\nhost: example.com\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
    client.write_all(hello.as_bytes()).await.unwrap();
    read_until(&mut client, "\r\n\r\n").await;
    let handshake = collector.wait_for_only_span().await;
    assert_eq!(handshake.text("http.status_code"), Some("101"));
    assert_eq!(handshake.text("http.request.cancelled"), None);
    for message in 1..=2 {
        client.write_all(b"m").await.unwrap();
        read_until(&mut client, "m").await;
        let trace = collector.wait_for_traces(1 + message).await.remove(message);
        assert_eq!(trace.spans[0].name, "websocket.receive");
        assert_eq!(trace.spans[0].parent_id, None);
        let links = trace.spans[0].links.iter().map(SpanLink::span_id).collect::<Vec<_>>();
        assert_eq!(links, [handshake.span_id]);
        assert_ne!(trace.trace_id, collector.traces()[0].trace_id);
    }
}
