//! Spans that last until the end of the response body, with either client.
//!
//! The server is a bare socket, so that a body can stop in the middle.

use std::time::Duration;

use ::http::{Method, Request, Response};
use ::tower::{Layer, ServiceExt};
use axum::body::Body;
use http_body_util::BodyExt;
use packdog::Tracer;
use packdog_client::{ClientTraceLayer, ClientTraceMiddleware};
use packdog_tests::start_tracer;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{
    call::{BOTH, Client, bare, hyper},
    server::Server,
};

/// Half of the declared body.
const HALF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello";
/// The rest of it.
const REST: &str = "world";

/// A URL whose server takes one request, sends this response, and hands the connection to the test.
async fn responding(response: &'static str) -> (String, JoinHandle<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let connection = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await.unwrap());
        }
        connection.write_all(response.as_bytes()).await.unwrap();
        connection
    });
    (url, connection)
}

fn reqwest(tracer: &Tracer) -> ClientWithMiddleware {
    let middleware = ClientTraceMiddleware::new().tracer(tracer).until_body_end();
    ClientBuilder::new(bare()).with(middleware).build()
}

impl Client {
    /// The response with the head read and the body unread.
    async fn open(self, tracer: &Tracer, method: Method, url: &str) -> Response<Body> {
        let request = Request::builder().method(method).uri(url);
        match self {
            Self::Tower => {
                let layer = ClientTraceLayer::new().tracer(tracer).until_body_end();
                let request = request.body(Body::empty()).unwrap();
                layer.layer(hyper()).oneshot(request).await.unwrap().map(Body::new)
            }
            Self::Reqwest => {
                let request = request.body("").unwrap().try_into().unwrap();
                let response = reqwest(tracer).execute(request).await.unwrap();
                Response::from(response).map(Body::new)
            }
        }
    }
}

#[tokio::test]
async fn the_span_ends_with_the_last_frame_that_was_declared() {
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let (url, connection) = responding(HALF).await;
        let mut response = client.open(&tracer, Method::GET, &url).await;
        let mut connection = connection.await.unwrap();
        let first = response.body_mut().frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "hello");
        assert_eq!(collector.spans().len(), 0, "{client:?}: the body goes on");
        connection.write_all(REST.as_bytes()).await.unwrap();
        let last = response.body_mut().frame().await.unwrap().unwrap();
        assert_eq!(last.into_data().unwrap(), REST);
        drop(response);
        let span = collector.only_span();
        assert_eq!(span.text("http.status_code"), Some("200"));
        assert_eq!(span.text("http.request.cancelled"), None, "{client:?}");
        assert!(!span.is_error);
    }
}

#[tokio::test]
async fn a_body_dropped_in_the_middle_finishes_the_span_as_cancelled() {
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let (url, connection) = responding(HALF).await;
        let mut response = client.open(&tracer, Method::GET, &url).await;
        let _connection = connection.await.unwrap();
        response.body_mut().frame().await.unwrap().unwrap();
        drop(response);
        let span = collector.only_span();
        assert_eq!(span.text("http.request.cancelled_in"), Some("body"), "{client:?}");
        assert_eq!(span.text("http.status_code"), Some("200"));
        assert!(!span.is_error);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_with_its_causes() {
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let (url, connection) = responding(HALF).await;
        let response = client.open(&tracer, Method::GET, &url).await;
        drop(connection.await.unwrap());
        response.into_body().collect().await.unwrap_err();
        let span = collector.only_span();
        assert!(span.is_error);
        let kind = match client {
            Client::Tower => "hyper::error::Error",
            Client::Reqwest => "body",
        };
        assert_eq!(span.text("error.type"), Some(kind), "{:?}", span.tags);
        assert_eq!(span.text("http.request.cancelled"), None);
    }
}

#[tokio::test]
async fn a_response_without_a_body_ends_with_its_head() {
    const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";
    const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
    for client in BOTH {
        for (method, text) in
            [(Method::GET, NO_CONTENT), (Method::GET, EMPTY), (Method::HEAD, HEAD)]
        {
            let (tracer, collector) = start_tracer("users");
            let (url, _connection) = responding(text).await;
            let response = client.open(&tracer, method, &url).await;
            let span = collector.only_span();
            assert_eq!(span.text("http.request.cancelled"), None, "{client:?} {text}");
            drop(response);
        }
    }
}

#[tokio::test]
async fn reqwest_keeps_url_address_and_status_error_of_a_response_whose_body_is_watched() {
    let server = Server::start().await;
    let (tracer, _collector) = start_tracer("users");
    let url = server.url("/status/404?page=2#part");
    let bare = bare().get(&url).send().await.unwrap();
    let traced = reqwest(&tracer).get(&url).send().await.unwrap();
    assert_eq!(traced.url(), bare.url());
    assert_eq!(traced.remote_addr(), Some(server.address));
    assert_eq!(traced.version(), bare.version());
    assert!(traced.content_length().is_some(), "its size is still known");
    let errors = [traced, bare].map(|response| response.error_for_status().unwrap_err());
    assert_eq!(errors[0].to_string(), errors[1].to_string());
}

#[tokio::test]
async fn reqwest_keeps_the_errors_of_a_body_that_is_watched() {
    let (tracer, collector) = start_tracer("users");
    let mut errors = Vec::new();
    for client in [reqwest(&tracer), ClientBuilder::new(bare()).build()] {
        let (url, connection) = responding(HALF).await;
        // Nothing more ever comes, so that any time is long enough.
        let request = client.get(url).timeout(Duration::from_millis(50));
        let response = request.send().await.unwrap();
        let _connection = connection.await.unwrap();
        errors.push(response.bytes().await.unwrap_err());
    }
    assert!(errors.iter().all(reqwest::Error::is_timeout), "{errors:?}");
    assert_eq!(errors[0].is_body(), errors[1].is_body());
    assert_eq!(errors[0].is_decode(), errors[1].is_decode());
    assert_eq!(collector.only_span().text("error.type"), Some("timeout"));
}
