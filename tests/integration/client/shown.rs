//! Configuration of client spans: the visible parts of URLs and headers, and which responses are errors.

use ::http::Request;
use packdog::http::{HeaderTags, HttpConfig, QueryRedaction, StatusRanges};
use packdog_client::ClientTraceMiddleware;
use packdog_tests::{start_tracer, start_tracer_with};
use reqwest_middleware::ClientBuilder;
use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};

use super::{
    call::{BOTH, bare, reqwest},
    server::{Server, refusing},
};

#[tokio::test]
async fn urls_have_their_query_without_its_secrets_if_they_may_have_one() {
    let config = |change: fn(&mut HttpConfig)| {
        let mut http = HttpConfig::default();
        change(&mut http);
        http
    };
    let default = config(|_| {});
    let without = config(|http| http.client_query_enabled = false);
    let nothing = config(|http| http.query_redaction = QueryRedaction::nothing());
    #[rustfmt::skip]
    let table = [
        // configuration  called                     http.url
        (&default,        "/status/200",             "/status/200"),
        (&default,        "/status/200?",            "/status/200?"),
        (&default,        "/status/200?page=1",      "/status/200?page=1"),
        (&default,        "/status/200?a=1&token=x", "/status/200?a=1&<redacted>"),
        (&without,        "/status/200?a=1&token=x", "/status/200"),
        (&nothing,        "/status/200?a=1&token=x", "/status/200?a=1&token=x"),
    ];
    let server = Server::start().await;
    for client in BOTH {
        for (http, called, shown) in table {
            let (tracer, collector) = start_tracer_with(http.clone());
            client.get(&tracer, &server.url(called)).await.unwrap();
            let url = server.url(shown);
            assert_eq!(collector.only_span().text("http.url"), Some(&*url), "{client:?} {called}");
        }
    }
}

#[tokio::test]
async fn listed_headers_of_request_and_response_are_tags() {
    let mut http = HttpConfig::default();
    (http.header_tags, _) = HeaderTags::parse("X-Tenant, Content-Type, content-length:size");
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer_with(http.clone());
        let request = Request::get(server.url("/status/200"))
            .header("x-tenant", " acme ")
            .header("x-tenant", "bread")
            .header("x-other", "no tag");
        client.call(&tracer, request.body(()).unwrap()).await.unwrap();
        let span = collector.only_span();
        assert_eq!(span.text("http.request.headers.x-tenant"), Some("acme,bread"), "{client:?}");
        assert_eq!(span.text("http.response.headers.x-tenant"), None);
        assert_eq!(span.text("http.response.headers.content-type"), Some("application/json"));
        assert!(span.text("size").unwrap().parse::<u64>().unwrap() > 0);
        assert!(span.tags.keys().all(|key| !key.contains("other")), "{:?}", span.tags);
    }
}

#[tokio::test]
async fn a_listed_header_with_a_reserved_name_sets_the_field_and_is_no_tag() {
    let mut http = HttpConfig::default();
    (http.header_tags, _) = HeaderTags::parse("x-s:service.name, x-e:error");
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer_with(http.clone());
        let request = Request::get(server.url("/status/200"));
        let request = request.header("x-s", "kitchen").header("x-e", "late");
        client.call(&tracer, request.body(()).unwrap()).await.unwrap();
        let span = collector.only_span();
        assert_eq!((&*span.service, span.is_error), ("kitchen", true), "{client:?}");
        assert_eq!(span.text("error.message"), Some("late"), "{client:?}");
        assert!(span.tags.keys().all(|key| !packdog_api::names::is_reserved(key)), "{client:?}");
    }
}

#[tokio::test]
async fn configured_statuses_are_errors_unless_the_client_has_its_own() {
    #[rustfmt::skip]
    let table = [
        // status  configured   of the client   error
        (404,      None,        None,           true),
        (503,      None,        None,           false),
        (404,      Some(503),   None,           false),
        (503,      Some(503),   None,           true),
        (404,      Some(503),   Some(404),      true),
        (503,      Some(503),   Some(404),      false),
    ];
    let server = Server::start().await;
    for (status, configured, of_client, is_error) in table {
        let ranges = |status| StatusRanges::from_iter([status..=status]);
        let mut http = HttpConfig::default();
        if let Some(status) = configured {
            http.client_error_statuses = ranges(status);
        }
        let (tracer, collector) = start_tracer_with(http);
        let middleware = ClientTraceMiddleware::new().tracer(&tracer);
        let middleware = match of_client {
            Some(status) => middleware.error_statuses(ranges(status)),
            None => middleware,
        };
        let client = ClientBuilder::new(bare()).with(middleware).build();
        client.get(server.url(&format!("/status/{status}"))).send().await.unwrap();
        assert_eq!(collector.only_span().is_error, is_error, "{status} {configured:?}");
    }
}

#[tokio::test]
async fn reqwest_errors_show_the_url_as_the_span_does_and_keep_theirs() {
    let (_socket, url) = refusing();
    let url = url.replace("http://", "http://me:pw@");
    let bare = bare().get(&url).send().await.unwrap_err();
    let without = {
        let mut http = HttpConfig::default();
        http.client_query_enabled = false;
        http
    };
    for (http, query) in [(HttpConfig::default(), "?<redacted>"), (without, "")] {
        let (tracer, collector) = start_tracer_with(http);
        let traced = reqwest(&tracer).get(&url).send().await.unwrap_err();
        assert_eq!(traced.to_string(), bare.to_string());
        assert_eq!(traced.url(), bare.url());
        assert!(traced.is_connect());
        let span = collector.only_span();
        let shown = span.text("http.url").unwrap();
        assert!(shown.ends_with(&format!("/orders{query}")), "{shown}");
        let message = format!("error sending request for url ({shown})");
        assert_eq!(span.text("error.message"), Some(message.as_str()));
    }
}

#[tokio::test]
async fn errors_of_other_middleware_lose_the_secrets_of_the_url_that_they_wrap() {
    let none = std::time::Duration::ZERO;
    let (_socket, url) = refusing();
    let url = url.replace("http://", "http://me:pw@");
    for retries in [0, 1] {
        let (tracer, collector) = start_tracer("users");
        let policy =
            ExponentialBackoff::builder().retry_bounds(none, none).build_with_max_retries(retries);
        let client = ClientBuilder::new(bare())
            .with(ClientTraceMiddleware::new().tracer(&tracer))
            .with(RetryTransientMiddleware::new_with_policy(policy))
            .build();
        client.get(&url).send().await.unwrap_err();
        let span = collector.only_span();
        assert_eq!(span.text("error.type"), Some("connect"), "{retries}: {:?}", span.tags);
        let texts = ["error.message", "error.stack"].map(|tag| span.text(tag).unwrap()).concat();
        assert!(texts.contains("/orders?<redacted>)"), "{retries}: {texts}");
        assert!(!texts.contains("token=") && !texts.contains("me:pw"), "{retries}: {texts}");
    }
}
