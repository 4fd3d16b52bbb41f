//! gRPC calls, with a real tonic server and client.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, uri::PathAndQuery};
use http_body_util::{BodyExt, Full};
use packdog::test_util::CollectedSpan;
use packdog_server::ServerTraceLayer;
use packdog_tests::{
    echo::{Echo, Text},
    numbers, start_tracer, texts,
};
use tonic::{
    Code, client,
    transport::{Channel, Server, server::TcpIncoming},
};
use tower::{Layer, ServiceExt, service_fn};

async fn serve(layer: ServerTraceLayer) -> SocketAddr {
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = incoming.local_addr().unwrap();
    let server = Server::builder().layer(layer).add_service(Echo);
    tokio::spawn(server.serve_with_incoming(incoming));
    address
}

async fn client(address: SocketAddr) -> client::Grpc<Channel> {
    let channel = Channel::from_shared(format!("http://{address}")).unwrap();
    let mut client = client::Grpc::new(channel.connect().await.unwrap());
    client.ready().await.unwrap();
    client
}

/// The outcome of a unary call, and its span.
async fn call(method: &'static str, message: &str) -> (Code, CollectedSpan) {
    let (tracer, collector) = start_tracer("users");
    let mut client = client(serve(ServerTraceLayer::new().tracer(&tracer)).await).await;
    let request = tonic::Request::new(message.to_owned());
    let path = PathAndQuery::from_static(method);
    let code = match client.unary(request, path, Text).await {
        Ok(response) => {
            assert_eq!(response.into_inner(), message);
            Code::Ok
        }
        Err(status) => status.code(),
    };
    (code, collector.wait_for_only_span().await)
}

fn error_tags(span: &CollectedSpan) -> (bool, Option<&str>, Option<&str>) {
    (span.is_error, span.text("error.type"), span.text("error.message"))
}

#[tokio::test]
async fn a_unary_call_has_its_service_method_and_status() {
    let (code, span) = call("/test.Echo/Unary", "hello").await;
    assert_eq!(code, Code::Ok);
    assert_eq!([&span.name, &span.span_type], ["grpc.server", "web"]);
    assert_eq!(span.resource, "/test.Echo/Unary");
    assert_eq!(numbers(&span), [("_dd.measured", 1.0)]);
    assert_eq!(
        texts(&span),
        [
            ("component", "tonic"),
            ("grpc.status.code", "0"),
            ("rpc.grpc.status_code", "0"),
            ("rpc.method", "Unary"),
            ("rpc.service", "test.Echo"),
            ("rpc.system", "grpc"),
            ("seen", "true"),
            ("span.kind", "server"),
        ]
    );
    assert!(!span.is_error);
}

#[tokio::test]
async fn a_response_of_trailers_only_is_an_error_with_its_message() {
    let (code, span) = call("/test.Echo/Unary", "missing").await;
    assert_eq!((code, span.text("rpc.grpc.status_code")), (Code::NotFound, Some("5")));
    assert_eq!(error_tags(&span), (true, Some("NOT_FOUND"), Some("no bread, sorry")));
    let (code, span) = call("/test.Echo/Nothing", "").await;
    assert_eq!((code, span.text("rpc.grpc.status_code")), (Code::Unimplemented, Some("12")));
    assert_eq!(error_tags(&span), (true, Some("UNIMPLEMENTED"), Some("no such method")));
}

#[tokio::test]
async fn a_stream_is_judged_by_its_trailers() {
    #[rustfmt::skip]
    let table = [
        // message   messages  status  error
        ("hello",    2,        "0",    (false, None, None)),
        ("fail",     1,        "13",   (true, Some("INTERNAL"), Some("oven"))),
    ];
    for (message, messages, status, error) in table {
        let (tracer, collector) = start_tracer("users");
        let mut client = client(serve(ServerTraceLayer::new().tracer(&tracer)).await).await;
        let path = PathAndQuery::from_static("/test.Echo/Stream");
        let request = tonic::Request::new(message.to_owned());
        let mut response = client.server_streaming(request, path, Text).await.unwrap().into_inner();
        let mut received = 0;
        while let Ok(Some(_)) = response.message().await {
            received += 1;
        }
        assert_eq!(received, messages);
        let span = collector.wait_for_only_span().await;
        assert_eq!(span.text("rpc.grpc.status_code"), Some(status), "{message}");
        assert_eq!(error_tags(&span), error, "{message}");
        assert_eq!(span.text("http.request.cancelled"), None);
    }
}

#[tokio::test]
async fn a_call_that_its_client_gives_up_is_cancelled_and_no_error() {
    let (tracer, collector) = start_tracer("users");
    let mut client = client(serve(ServerTraceLayer::new().tracer(&tracer)).await).await;
    let path = PathAndQuery::from_static("/test.Echo/Stream");
    let request = tonic::Request::new("go on".to_owned());
    let mut response = client.server_streaming(request, path, Text).await.unwrap().into_inner();
    assert_eq!(response.message().await.unwrap().as_deref(), Some("go on"));
    assert!(collector.traces().is_empty(), "the call goes on");
    drop(response); // Resets the stream; the connection stays.
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.request.cancelled_in"), Some("body"));
    assert_eq!((span.text("rpc.grpc.status_code"), span.is_error), (Some("1"), false));
}

/// A body that panics where it should give its first frame.
struct Panicking;

impl http_body::Body for Panicking {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        panic!("no bread")
    }
}

#[tokio::test]
async fn a_panic_in_the_body_leaves_an_unknown_status() {
    let (tracer, collector) = start_tracer("users");
    let service = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(Panicking)));
    let request = Request::post("/pkg.Service/Method").header("content-type", "application/grpc");
    let service = ServerTraceLayer::new().tracer(&tracer).layer(service);
    let response = service.oneshot(request.body(()).unwrap()).await.unwrap();
    assert!(tokio::spawn(response.into_body().collect()).await.unwrap_err().is_panic());
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("rpc.grpc.status_code"), Some("2"));
    assert_eq!(error_tags(&span), (true, Some("panic"), Some("no bread")));
}

/// The span of a call to a service that returns this response.
async fn span_of(response: Response<Full<Bytes>>) -> CollectedSpan {
    let (tracer, collector) = start_tracer("users");
    let response = Arc::new(response);
    let service = service_fn(move |_: Request<()>| {
        let response = response.as_ref().clone();
        async { Ok::<_, Infallible>(response) }
    });
    let request = Request::post("/pkg.Service/Method").header("content-type", "application/grpc");
    let service = ServerTraceLayer::new().tracer(&tracer).layer(service);
    let response = service.oneshot(request.body(()).unwrap()).await.unwrap();
    let mut body = std::pin::pin!(response.into_body());
    while let Some(frame) = poll_fn(|cx| http_body::Body::poll_frame(body.as_mut(), cx)).await {
        frame.unwrap();
    }
    collector.wait_for_only_span().await
}

#[tokio::test]
async fn a_response_without_a_usable_status_is_an_error_of_unknown_status() {
    let with_status = |status: &str, text: &'static str| {
        let response = Response::builder().header("grpc-status", status);
        response.body(Full::from(text)).unwrap()
    };
    #[rustfmt::skip]
    let table = [
        // response                                status   is an error
        (Response::new(Full::from("")),          "2",     true),
        (Response::new(Full::from("text")),      "2",     true),
        (with_status("0", ""),                   "0",     false),
        (with_status("many", ""),                "2",     true),
        (with_status("99", ""),                  "99",    true),
    ];
    for (row, (response, status, is_error)) in table.into_iter().enumerate() {
        let span = span_of(response).await;
        assert_eq!(span.text("rpc.grpc.status_code"), Some(status), "row {row}");
        assert_eq!(span.is_error, is_error, "row {row}");
        assert_eq!(span.text("component"), Some("tower"));
        assert_eq!(span.text("http.request.cancelled"), None, "row {row}");
    }
}
