//! gRPC calls: a channel of tonic under the layer, towards tonic's server.

use std::net::SocketAddr;

use ::http::{HeaderMap, Request, Response, uri::PathAndQuery};
use ::tower::{Layer, ServiceExt, service_fn};
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use packdog::{
    Tracer,
    http::HttpConfig,
    test_util::{CollectedSpan, Collector},
};
use packdog_client::{AtBodyEnd, ClientTrace, ClientTraceLayer};
use packdog_server::ServerTraceLayer;
use packdog_tests::{
    echo::{Echo, Text},
    numbers, start_tracer, start_tracer_with, texts,
};
use tonic::{
    Code, client,
    transport::{Channel, Server, server::TcpIncoming},
};

type Client<E> = client::Grpc<ClientTrace<Channel, E>>;

fn serve(tracer: &Tracer) -> SocketAddr {
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = incoming.local_addr().unwrap();
    let layer = ServerTraceLayer::new().tracer(tracer);
    tokio::spawn(Server::builder().layer(layer).add_service(Echo).serve_with_incoming(incoming));
    address
}

fn client<E>(layer: ClientTraceLayer<E>, address: SocketAddr) -> Client<E> {
    let url = format!("http://{address}");
    let channel = Channel::from_shared(url.clone()).unwrap().connect_lazy();
    client::Grpc::new(layer.origin(url.parse().unwrap()).layer(channel))
}

/// A client, and the server that it calls, both under the tracer of the collector.
fn both() -> (Tracer, Collector, Client<AtBodyEnd>) {
    let (tracer, collector) = start_tracer("users");
    let layer = ClientTraceLayer::new().tracer(&tracer).until_body_end();
    let client = client(layer, serve(&tracer));
    (tracer, collector, client)
}

async fn unary(client: &mut Client<AtBodyEnd>, method: &'static str, message: &str) -> Code {
    client.ready().await.unwrap();
    let request = tonic::Request::new(message.to_owned());
    match client.unary(request, PathAndQuery::from_static(method), Text).await {
        Ok(response) => {
            assert_eq!(response.into_inner(), message);
            Code::Ok
        }
        Err(status) => status.code(),
    }
}

/// The spans of both sides: client, server. Each side sends its part when it has ended.
async fn spans(collector: &Collector) -> [CollectedSpan; 2] {
    let spans = collector.wait_for_spans(2).await;
    assert_eq!((spans.len(), collector.traces().len()), (2, 1), "{}", collector.picture());
    ["grpc.client", "grpc.server"].map(|name| collector.span(name))
}

fn error_tags(span: &CollectedSpan) -> (bool, Option<&str>, Option<&str>) {
    (span.is_error, span.text("error.type"), span.text("error.message"))
}

#[tokio::test]
async fn a_unary_call_has_its_service_method_and_status_and_the_server_continues_it() {
    let (_, collector, mut client) = both();
    assert_eq!(unary(&mut client, "/test.Echo/Unary", "hello").await, Code::Ok);
    let [span, server] = spans(&collector).await;
    assert_eq!(server.parent_id, Some(span.span_id));
    assert_eq!([&span.name, &span.span_type], ["grpc.client", "http"]);
    assert_eq!(span.resource, "/test.Echo/Unary");
    assert_eq!(
        texts(&span),
        [
            ("component", "tower"),
            ("grpc.status.code", "0"),
            ("out.host", "127.0.0.1"),
            ("rpc.grpc.status_code", "0"),
            ("rpc.method", "Unary"),
            ("rpc.service", "test.Echo"),
            ("rpc.system", "grpc"),
            ("span.kind", "client"),
        ]
    );
    let [("network.destination.port", _)] = numbers(&span)[..] else { panic!("{:?}", span.tags) };
    assert!(!span.is_error);
}

#[tokio::test]
async fn a_response_of_trailers_only_is_an_error_with_its_message() {
    #[rustfmt::skip]
    let table = [
        // method              message    code                 status  type             message
        ("/test.Echo/Unary",   "missing", Code::NotFound,      "5",    "NOT_FOUND",     "no bread, sorry"),
        ("/test.Echo/Nothing", "",        Code::Unimplemented, "12",   "UNIMPLEMENTED", "no such method"),
    ];
    for (method, message, code, status, kind, text) in table {
        let (_, collector, mut client) = both();
        assert_eq!(unary(&mut client, method, message).await, code);
        let [span, _] = spans(&collector).await;
        assert_eq!(span.text("rpc.grpc.status_code"), Some(status));
        assert_eq!(error_tags(&span), (true, Some(kind), Some(text)));
        assert_eq!(span.text("http.request.cancelled"), None);
    }
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
        let (_, collector, mut client) = both();
        client.ready().await.unwrap();
        let path = PathAndQuery::from_static("/test.Echo/Stream");
        let request = tonic::Request::new(message.to_owned());
        let mut response = client.server_streaming(request, path, Text).await.unwrap().into_inner();
        let mut received = 0;
        while let Ok(Some(_)) = response.message().await {
            received += 1;
        }
        assert_eq!(received, messages);
        let [span, _] = spans(&collector).await;
        assert_eq!(span.text("rpc.grpc.status_code"), Some(status), "{message}");
        assert_eq!(error_tags(&span), error, "{message}");
        assert_eq!(span.text("http.request.cancelled"), None);
    }
}

#[tokio::test]
async fn a_stream_that_is_given_up_is_cancelled_and_no_error() {
    let (_, collector, mut client) = both();
    client.ready().await.unwrap();
    let path = PathAndQuery::from_static("/test.Echo/Stream");
    let request = tonic::Request::new("go on".to_owned());
    let mut response = client.server_streaming(request, path, Text).await.unwrap().into_inner();
    assert_eq!(response.message().await.unwrap().as_deref(), Some("go on"));
    assert!(collector.traces().is_empty(), "the call goes on");
    drop(response);
    let [span, _] = spans(&collector).await;
    assert_eq!(span.text("http.request.cancelled_in"), Some("body"));
    assert_eq!((span.text("rpc.grpc.status_code"), span.is_error), (Some("1"), false));
}

#[tokio::test]
async fn without_the_body_only_the_head_is_known() {
    #[rustfmt::skip]
    let table = [
        // message   status     error
        ("hello",    None,      (false, None, None)),
        ("missing",  Some("5"), (true, Some("NOT_FOUND"), Some("no bread, sorry"))),
    ];
    for (message, status, error) in table {
        let (tracer, collector) = start_tracer("users");
        let address = serve(&tracer);
        let mut client = client(ClientTraceLayer::new().tracer(&tracer), address);
        client.ready().await.unwrap();
        let path = PathAndQuery::from_static("/test.Echo/Unary");
        let response = client.unary(tonic::Request::new(message.to_owned()), path, Text).await;
        assert_eq!(response.is_err(), error.0);
        let [span, _] = spans(&collector).await;
        assert_eq!(span.text("rpc.grpc.status_code"), status);
        assert_eq!(error_tags(&span), error);
        assert_eq!(span.text("http.request.cancelled"), None);
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_an_error_of_unknown_status() {
    let (tracer, collector) = start_tracer("users");
    let (_socket, url) = super::server::refusing();
    let url: ::http::Uri = url.parse().unwrap();
    let address = url.authority().unwrap().as_str().parse().unwrap();
    let layer = ClientTraceLayer::new().tracer(&tracer).until_body_end();
    let code = unary(&mut client(layer, address), "/test.Echo/Unary", "hello").await;
    assert_eq!(code, Code::Unavailable);
    let span = collector.wait_for_only_span().await;
    assert!(span.is_error);
    assert_eq!(span.text("rpc.grpc.status_code"), Some("2"));
}

/// The span of a call that receives this response.
async fn span_of(content_type: &str, head: Option<&str>, trailers: Option<&str>) -> CollectedSpan {
    // The HTTP status does not count if there is a gRPC status.
    let mut http = HttpConfig::default();
    http.client_error_statuses = packdog::http::StatusRanges::from_iter([200..=299]);
    let (tracer, collector) = start_tracer_with(http);
    let headers = |status: &str| {
        HeaderMap::from_iter([("grpc-status".parse().unwrap(), status.parse().unwrap())])
    };
    let data = Ok::<_, std::io::Error>(Frame::data(Bytes::from("text")));
    let trailers = trailers.map(|status| Ok(Frame::trailers(headers(status))));
    let frames = std::iter::once(data).chain(trailers).collect::<Vec<_>>();
    let mut response = Response::new(StreamBody::new(tokio_stream::iter(frames)));
    *response.headers_mut() = head.map(headers).unwrap_or_default();
    let mut response = Some(response);
    let service = service_fn(move |_: Request<()>| {
        std::future::ready(Ok::<_, std::convert::Infallible>(response.take().unwrap()))
    });
    let client = ClientTraceLayer::new().tracer(&tracer).until_body_end().layer(service);
    let request = Request::post("http://pantry/pkg.Service/Method");
    let request = request.header("content-type", content_type).body(()).unwrap();
    client.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
    collector.only_span()
}

#[tokio::test]
async fn the_content_type_makes_a_grpc_call_and_a_missing_status_is_unknown() {
    const GRPC: &str = "application/grpc+proto";
    #[rustfmt::skip]
    let table = [
        // content type        head       trailers     name            status      error
        (GRPC,                 None,      Some("0"),   "grpc.client",  Some("0"),  false),
        (GRPC,                 None,      Some("1"),   "grpc.client",  Some("1"),  true),
        (GRPC,                 None,      Some("16"),  "grpc.client",  Some("16"), true),
        (GRPC,                 None,      Some("99"),  "grpc.client",  Some("99"), true),
        (GRPC,                 None,      Some("x"),   "grpc.client",  Some("2"),  true),
        (GRPC,                 None,      None,        "grpc.client",  Some("2"),  true),
        (GRPC,                 Some("0"), None,        "grpc.client",  Some("0"),  false),
        (GRPC,                 Some("7"), Some("0"),   "grpc.client",  Some("7"),  true),
        ("application/grpc-web", None,    Some("0"),   "http.request", None,       true),
        ("text/plain",         None,      Some("0"),   "http.request", None,       true),
    ];
    for (row, (content_type, head, trailers, name, status, is_error)) in
        table.into_iter().enumerate()
    {
        let span = span_of(content_type, head, trailers).await;
        assert_eq!(span.name, name, "row {row}");
        assert_eq!(span.text("rpc.grpc.status_code"), status, "row {row}");
        assert_eq!(span.is_error, is_error, "row {row}");
        assert_eq!(span.text("http.request.cancelled"), None, "row {row}");
    }
}

#[tokio::test]
async fn a_response_that_is_not_grpc_is_an_error_at_its_head() {
    let (tracer, collector) = start_tracer("users");
    let proxy = service_fn(async |_: Request<()>| {
        let response = Response::builder().status(502).body(());
        Ok::<_, std::convert::Infallible>(response.unwrap())
    });
    let request = Request::post("http://pantry/pkg.Service/Method");
    let request = request.header("content-type", "application/grpc").body(()).unwrap();
    ClientTraceLayer::new().tracer(&tracer).layer(proxy).oneshot(request).await.unwrap();
    let span = collector.only_span();
    assert_eq!((span.is_error, span.text("rpc.grpc.status_code")), (true, Some("2")));
}
