//! Malicious requests: they are served as without the layer, and their tags
//! are bounded.

use std::net::SocketAddr;

use axum::{Router, extract::RawQuery, http::HeaderMap, routing::any};
use packdog::http::{HeaderTags, HttpConfig, MAX_QUERY_BYTES};
use packdog::test_util::CollectedSpan;
use packdog_server::ServerTraceLayer;
use packdog_tests::start_tracer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::harness::serve_with_peers;

/// Returns the request that it received, so that a difference shows.
async fn received(RawQuery(query): RawQuery, headers: HeaderMap) -> String {
    let bytes = headers.values().map(|value| value.len()).sum::<usize>();
    format!("{} {bytes} {}", headers.len(), query.unwrap_or_default().len())
}

/// Returns the status line and the body of the response, without headers such as the date.
async fn exchange(address: SocketAddr, request: &[u8]) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

async fn served(request: &[u8]) -> ((String, String), CollectedSpan) {
    let (tracer, collector) = start_tracer("users");
    let mut http = HttpConfig::default();
    http.header_tags = HeaderTags::parse("x-large,x-many").0;
    http.client_ip_enabled = true;
    http.resource_renaming_enabled = true;
    let app = || Router::new().route("/", any(received)).fallback(received);
    let layer = ServerTraceLayer::new().tracer(&tracer).http(http);
    let traced = exchange(serve_with_peers(app().layer(layer)).await, request).await;
    let bare = exchange(serve_with_peers(app()).await, request).await;
    assert_eq!(traced, bare, "served as without the layer");
    (traced, collector.wait_for_only_span().await)
}

fn request(line: &str, headers: &[u8]) -> Vec<u8> {
    let mut request = format!("{line} HTTP/1.1\r\nconnection: close\r\n").into_bytes();
    request.extend_from_slice(headers);
    request.extend_from_slice(b"\r\n");
    request
}

#[tokio::test]
async fn hostile_requests_are_served_and_their_tags_are_bounded() {
    let large = |name: &str| format!("{name}: {}\r\n", "x".repeat(100_000)).into_bytes();
    let many = "x-many: 1\r\n".repeat(1_000).into_bytes();
    let odd = b"user-agent: \xff\xfe\r\nreferer: http://\xff/\r\nx-large: \xc3\r\n";
    let forwarded = format!("x-forwarded-for: {}\r\n", "x,".repeat(50_000)).into_bytes();
    let query = |piece: &str| format!("GET /?{}", piece.repeat(64_000 / piece.len()));
    let deep = format!("GET /{}", "a1b2c3/".repeat(9_000));
    #[rustfmt::skip]
    let table = [
        request("GET /", &large("x-large")),
        request("GET /", &large("user-agent")),
        request("GET /", &large("referer")),
        request("GET /", &large("host")),
        request("GET /", &large("baggage")),
        request("GET /", &large("content-type")),
        request("GET /", &many),
        request("GET /", odd),
        request("GET /", &forwarded),
        request("GET /", b"host: \xff\r\n"),
        request("GET /", b"host: user:secret@[::1]:99999/?#\r\n"),
        request("BREW-A-VERY-LONG-METHOD-THAT-NO-SERVER-KNOWS /", b""),
        request("! /", b""),
        request(&query("a"), b""),
        request(&query("token%20"), b""),
        request(&query("token="), b""),
        request(&query("%22auth%22:%22"), b""),
        request(&query("-----BEGIN%20PRIVATE%20KEY-----"), b""),
        request(&query("eyJ."), b""),
        request(&deep, b""),
    ];
    for (row, request) in table.iter().enumerate() {
        let ((status, body), span) = served(request).await;
        assert!(status.starts_with("HTTP/1.1 200"), "row {row}: {status} {body}");
        for (key, value) in &span.tags {
            let length = value.as_str().map_or(0, str::len);
            assert!(key.len() <= 200 && length <= 25_000, "row {row}: {key}");
        }
        assert!(span.resource.len() <= 5_000, "row {row}: {}", span.resource);
        assert!(!span.text("http.url").unwrap().contains("secret"), "row {row}");
    }
}

#[tokio::test]
async fn the_host_of_an_absolute_target_wins_over_a_header_host() {
    #[rustfmt::skip]
    let table = [
        // target                          header host    url
        ("http://real.test/?a=1",          "evil.test",   "http://real.test/?a=1"),
        ("http://real.test:81/",           "evil.test",   "http://real.test:81/"),
        ("http://me:pw@real.test/",        "evil.test",   "http://real.test/"),
        ("/",                              "only.test",   "http://only.test/"),
    ];
    for (target, host, url) in table {
        let headers = format!("host: {host}\r\n");
        let ((status, _), span) =
            served(&request(&format!("GET {target}"), headers.as_bytes())).await;
        assert!(status.starts_with("HTTP/1.1 200"), "{target}: {status}");
        assert_eq!(span.text("http.url"), Some(url), "{target}");
    }
}

#[tokio::test]
async fn a_long_query_shows_its_first_parameters() {
    let line = format!("GET /?a=1&token=x&b={}&secret=y", "1".repeat(64_000));
    let (_, span) = served(&request(&line, b"host: example.com\r\n")).await;
    assert_eq!(span.text("http.url"), Some("http://example.com/?a=1&<redacted>"));
    let line = format!("GET /?{}", "a=1&".repeat(16_000));
    let (_, span) = served(&request(&line, b"host: example.com\r\n")).await;
    let (_, query) = span.text("http.url").unwrap().split_once('?').unwrap();
    assert!((MAX_QUERY_BYTES - 4..=MAX_QUERY_BYTES).contains(&query.len()), "{}", query.len());
}
