//! Tags that are set on request: queries, headers, the client's address, the endpoint.

use axum::{Extension, Router, routing::get};
use http::{HeaderMap, HeaderValue, StatusCode, uri::Scheme};
use packdog::http::{ClientIp, HeaderTags, HttpConfig, QueryRedaction, StatusRanges};
use packdog::test_util::CollectedSpan;
use packdog_server::{ErrorStatuses, ServerTraceLayer};
use packdog_tests::{start_tracer, texts};
use tower_http::classify::StatusInRangeAsFailures;

use super::harness::{request, serve, serve_with_peers};

/// The span of `GET /users/7` with this query and these headers.
async fn span_of(
    change: impl FnOnce(&mut HttpConfig),
    query: &str,
    headers: &[(&'static str, &'static str)],
) -> CollectedSpan {
    let (tracer, collector) = start_tracer("users");
    let mut http = HttpConfig::default();
    change(&mut http);
    let layer = ServerTraceLayer::new().tracer(&tracer).http(http);
    let app = Router::new().route("/users/{id}", get(async || [("x-response", "42")]));
    let address = serve_with_peers(app.layer(layer)).await;
    let mut client = reqwest::Client::new().get(format!("http://{address}/users/7{query}"));
    for (name, value) in headers {
        client = client.header(*name, *value);
    }
    assert_eq!(client.send().await.unwrap().status(), 200);
    collector.wait_for_only_span().await
}

#[tokio::test]
async fn a_query_is_shown_as_configured() {
    type Change = fn(&mut HttpConfig);
    #[rustfmt::skip]
    let table: [(Change, &str, &str); 5] = [
        // configuration                                                   query           shown
        (|_| {},                                                           "?a=1&token=x", "?a=1&<redacted>"),
        (|_| {},                                                           "",             ""),
        (|http| http.query_redaction = QueryRedaction::nothing(),          "?a=1&token=x", "?a=1&token=x"),
        (|http| http.query_redaction = QueryRedaction::whole_query(),      "?a=1&token=x", ""),
        (|http| http.server_query_enabled = false,                         "?a=1&token=x", ""),
    ];
    for (row, (change, query, shown)) in table.into_iter().enumerate() {
        let span = span_of(change, query, &[]).await;
        let url = span.text("http.url").unwrap();
        let (_, rest) = url.split_once("/users/7").unwrap();
        assert_eq!(rest, shown, "row {row}");
    }
}

#[tokio::test]
async fn headers_of_both_directions_become_tags_if_they_are_listed() {
    let change = |http: &mut HttpConfig| {
        http.header_tags = HeaderTags::parse("x-tenant,X-Plan:plan,x-response,x-absent").0;
    };
    let headers = [("x-tenant", "7"), ("x-plan", "pro"), ("x-plan", "basic"), ("x-other", "1")];
    let span = span_of(change, "", &headers).await;
    let mut tags = texts(&span);
    tags.retain(|(key, _)| key.contains("headers") || *key == "plan");
    assert_eq!(
        tags,
        [
            ("http.request.headers.x-tenant", "7"),
            ("http.response.headers.x-response", "42"),
            ("plan", "pro,basic"),
        ]
    );
}

#[tokio::test]
async fn a_listed_header_with_a_reserved_name_sets_the_field_and_is_no_tag() {
    let change = |http: &mut HttpConfig| {
        let list = "x-s:service.name,x-r:resource.name,x-t:span.type,x-e:error";
        http.header_tags = HeaderTags::parse(list).0;
    };
    let headers = [("x-s", "kitchen"), ("x-r", "club"), ("x-t", "worker"), ("x-e", "late")];
    let span = span_of(change, "", &headers).await;
    assert_eq!([&*span.service, &*span.resource, &*span.span_type], ["kitchen", "club", "worker"]);
    assert_eq!((span.is_error, span.text("error.message")), (true, Some("late")));
    assert!(texts(&span).iter().all(|(key, _)| !packdog_api::names::is_reserved(key)));

    let span = span_of(change, "", &[("x-e", "false"), ("x-s", "")]).await;
    assert_eq!((&*span.service, span.is_error), ("users", false));

    let of_response = |http: &mut HttpConfig| {
        http.header_tags = HeaderTags::parse("x-response:error").0;
    };
    let span = span_of(of_response, "", &[]).await;
    assert_eq!((span.is_error, span.text("error.message")), (true, Some("42")));
}

#[tokio::test]
async fn the_address_of_the_client_is_a_tag_only_if_configured() {
    fn enabled(http: &mut HttpConfig) {
        http.client_ip_enabled = true;
    }
    fn own_header(http: &mut HttpConfig) {
        enabled(http);
        http.client_ip = ClientIp::Header("x-mine".parse().unwrap());
    }
    type Change = fn(&mut HttpConfig);
    let forwarded: &[_] = &[("x-forwarded-for", "10.1.1.1, 43.43.43.43")];
    #[rustfmt::skip]
    let table: [(Change, _, _, _); 4] = [
        // configuration  headers    client                peer
        (|_| {},          forwarded, None,                 None),
        (enabled,         forwarded, Some("43.43.43.43"),  Some("127.0.0.1")),
        (enabled,         &[],       Some("127.0.0.1"),    Some("127.0.0.1")),
        (own_header,      forwarded, None,                 Some("127.0.0.1")),
    ];
    for (row, (change, headers, client, peer)) in table.into_iter().enumerate() {
        let span = span_of(change, "", headers).await;
        assert_eq!(span.text("http.client_ip"), client, "row {row}");
        assert_eq!(span.text("network.client.ip"), peer, "row {row}");
    }
}

#[tokio::test]
async fn without_a_peer_there_is_no_client_either() {
    let (tracer, collector) = start_tracer("users");
    let mut http = HttpConfig::default();
    http.client_ip_enabled = true;
    let app = Router::new().route("/", get(async || ()));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer).http(http))).await;
    let client = reqwest::Client::new().get(format!("http://{address}/"));
    client.header("x-forwarded-for", "43.43.43.43").send().await.unwrap();
    let span = collector.wait_for_only_span().await;
    assert_eq!([span.text("http.client_ip"), span.text("network.client.ip")], [None, None]);
}

#[tokio::test]
async fn axum_knows_the_peer() {
    let (tracer, collector) = start_tracer("users");
    let mut http = HttpConfig::default();
    http.client_ip_enabled = true;
    let app = Router::new().route("/", get(async || ()));
    let app = app.layer(ServerTraceLayer::new().tracer(&tracer).http(http));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async { axum::serve(listener, app).await });
    request(address, "GET", "/").await;
    assert_eq!(collector.wait_for_only_span().await.text("network.client.ip"), Some("127.0.0.1"));
}

#[tokio::test]
async fn the_referrer_is_shown_by_its_host() {
    let headers = [("referer", "https://user:secret@shop.example.com:8443/cart?token=x")];
    let span = span_of(|_| {}, "", &headers).await;
    assert_eq!(span.text("http.referrer_hostname"), Some("shop.example.com"));
    let span = span_of(|_| {}, "", &[("referer", "about:blank")]).await;
    assert_eq!(span.text("http.referrer_hostname"), None);
}

#[tokio::test]
async fn the_endpoint_is_the_route_or_a_simplified_path() {
    for (path, endpoint) in [("/users/7", "/users/{id}"), ("/orders/42", "/orders/{param:int}")] {
        let (tracer, collector) = start_tracer("users");
        let mut http = HttpConfig::default();
        http.resource_renaming_enabled = true;
        let layer = ServerTraceLayer::new().tracer(&tracer).http(http);
        let app = Router::new().route("/users/{id}", get(async || ())).layer(layer);
        request(serve(app).await, "GET", path).await;
        assert_eq!(
            collector.wait_for_only_span().await.text("http.endpoint"),
            Some(endpoint),
            "{path}"
        );
    }
}

/// The span of a response with `status`, and whether it is an error.
async fn is_error<C>(layer: ServerTraceLayer<C>, status: u16) -> bool
where
    C: tower_http::classify::ClassifyResponse + Clone + Send + Sync + 'static,
    C::FailureClass: std::fmt::Display,
    C::ClassifyEos: Send + Sync,
{
    let (tracer, collector) = start_tracer("users");
    let status = StatusCode::from_u16(status).unwrap();
    let app = Router::new().route("/", get(async move || status));
    request(serve(app.layer(layer.tracer(&tracer))).await, "GET", "/").await;
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("error.message").is_some(), span.is_error);
    span.is_error
}

#[tokio::test]
async fn the_application_can_choose_which_responses_are_failures() {
    let mut http = HttpConfig::default();
    http.server_error_statuses = StatusRanges::from_iter([404..=404]);
    let configured = || ServerTraceLayer::new().http(http.clone());
    let statuses = || ErrorStatuses::new(StatusRanges::from_iter([404..=404]));
    let of_tower = || StatusInRangeAsFailures::new(404..=404);
    for (status, expected) in [(404, true), (500, false)] {
        assert_eq!(is_error(configured(), status).await, expected, "{status}");
        let layer = ServerTraceLayer::new().classify_with(statuses());
        assert_eq!(is_error(layer, status).await, expected, "{status}");
        let layer = ServerTraceLayer::new().classify_with(of_tower());
        assert_eq!(is_error(layer, status).await, expected, "{status}");
    }
}

#[tokio::test]
async fn the_url_has_the_scheme_that_the_server_gives() {
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route("/", get(async || ()));
    let app = app.layer(ServerTraceLayer::new().tracer(&tracer)).layer(Extension(Scheme::HTTPS));
    let address = serve(app).await;
    assert_eq!(request(address, "GET", "/").await.0, 200);
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.url"), Some(&*format!("https://{address}/")));
}

#[tokio::test]
async fn header_bytes_that_are_not_text_are_replaced() {
    let (tracer, collector) = start_tracer("users");
    let mut http = HttpConfig::default();
    http.header_tags = HeaderTags::parse("x-tenant").0;
    let app = Router::new().route("/", get(async || ()));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer).http(http))).await;
    let odd = HeaderValue::from_bytes(b"\xff7").unwrap();
    let headers = HeaderMap::from_iter(["x-tenant", "user-agent", "referer"].map(|name| {
        let name: http::HeaderName = name.parse().unwrap();
        (name, odd.clone())
    }));
    let client = reqwest::Client::new().get(format!("http://{address}/")).headers(headers);
    assert_eq!(client.send().await.unwrap().status(), 200);
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.request.headers.x-tenant"), Some("\u{fffd}7"));
    assert_eq!(span.text("http.useragent"), Some("\u{fffd}7"));
    assert_eq!(span.text("http.referrer_hostname"), None, "bytes that are not text are not a URL");
}
