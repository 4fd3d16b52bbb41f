//! Rules for the reqwest middleware alone: responses and errors stay as reqwest made them.

use std::time::Duration;

use ::http::Extensions;
use packdog::{span, test_util::CollectedSpan};
use packdog_client::ClientTraceMiddleware;
use packdog_tests::start_tracer;
use reqwest_middleware::{ClientBuilder, Middleware, Next};

use super::{
    call::{bare, reqwest},
    server::Server,
};

#[tokio::test]
async fn url_and_address_of_the_response_and_its_status_as_an_error_stay() {
    let server = Server::start().await;
    let (tracer, _collector) = start_tracer("users");
    let url = server.url("/status/404?page=2#part");
    let bare = bare().get(&url).send().await.unwrap();
    let traced = reqwest(&tracer).get(&url).send().await.unwrap();

    assert_eq!(traced.url(), bare.url());
    assert_eq!(traced.remote_addr(), Some(server.address));
    assert_eq!(traced.version(), bare.version());
    let (traced, bare) =
        (traced.error_for_status().unwrap_err(), bare.error_for_status().unwrap_err());
    assert_eq!(traced.status(), bare.status());
    assert_eq!(traced.to_string(), bare.to_string());
}

struct Signing;

#[async_trait::async_trait]
impl Middleware for Signing {
    async fn handle(
        &self,
        request: ::reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<::reqwest::Response> {
        span("sign").start().finish();
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn the_span_is_current_in_the_middleware_behind_it() {
    let server = Server::start().await;
    let (tracer, collector) = start_tracer("users");
    let client = ClientBuilder::new(bare())
        .with(ClientTraceMiddleware::new().tracer(&tracer))
        .with(Signing)
        .build();
    client.get(server.url("/status/200")).send().await.unwrap();
    let [call, sign] = <[CollectedSpan; 2]>::try_from(collector.spans()).unwrap();
    assert_eq!((sign.name.as_str(), call.name.as_str()), ("sign", "http.request"));
    assert_eq!(sign.parent_id, Some(call.span_id));
}

#[tokio::test]
async fn a_timeout_of_the_client_is_an_error_and_no_cancellation() {
    let server = Server::start().await;
    let (tracer, collector) = start_tracer("users");
    // No response ever comes, so any timeout is long enough.
    let call = reqwest(&tracer).get(server.url("/never")).timeout(Duration::from_millis(1));
    assert!(call.send().await.unwrap_err().is_timeout());
    let span = collector.only_span();
    assert!(span.is_error);
    assert_eq!(span.text("error.type"), Some("timeout"));
    let causes = span.text("error.stack").unwrap();
    assert_eq!(causes.lines().next(), Some("operation timed out"));
    assert_eq!(span.text("http.request.cancelled"), None);
}
