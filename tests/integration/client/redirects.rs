//! Redirects from a host that may have baggage to one that may not, in each of three cases.
//!
//! 1. A tower layer follows them: [`Egress`] is its policy, and strips at each hop.
//! 2. reqwest follows them, built with [`Egress::redirect_policy`]: it stops in front.
//! 3. reqwest follows them as it likes: headers are passed on, as the README warns.

use ::http::{Request, StatusCode};
use ::tower::{ServiceBuilder, ServiceExt};
use axum::body::Body;
use hyper_util::client::legacy::Error;
use packdog::{InSpanExt, Span, Tracer, test_util::CollectedSpan};
use packdog_client::{ClientTraceLayer, ClientTraceMiddleware, Egress};
use packdog_tests::start_tracer;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tower_http::follow_redirect::{
    FollowRedirectLayer,
    policy::{Limited, PolicyExt},
};

use super::{
    call::hyper,
    server::{Lines, Server, values},
};

/// Only the first of the servers gets baggage.
fn egress() -> Egress {
    Egress::new().baggage_to(["none", "127.0.0.1"])
}

/// A trusted server, another one of the same host, and a stranger.
async fn servers() -> [Server; 3] {
    [
        Server::start_at("127.0.0.1").await,
        Server::start_at("127.0.0.1").await,
        Server::start_at("127.0.0.2").await,
    ]
}

async fn with_baggage<T>(tracer: &Tracer, call: impl Future<Output = T>) -> T {
    let job = tracer.span("job").start();
    job.baggage().set("plan", "pro");
    call.in_span(job).await
}

async fn lines(response: ::http::Response<impl Into<Body>>) -> Lines {
    let body = axum::body::to_bytes(response.into_body().into(), usize::MAX).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// Case 1, with the span around all hops.
#[tokio::test]
async fn a_tower_layer_strips_forbidden_headers_at_each_hop() {
    let [trusted, other, stranger] = servers().await;
    let (tracer, collector) = start_tracer("users");
    let policy = Limited::new(3).and::<_, Body, Error>(egress());
    let client = ServiceBuilder::new()
        .layer(ClientTraceLayer::new().tracer(&tracer).egress(egress()))
        .layer(FollowRedirectLayer::with_policy(policy))
        .service(hyper());
    let call = |url: String| {
        let client = client.clone();
        async {
            let request = Request::get(url).body(Body::empty()).unwrap();
            lines(client.oneshot(request).await.unwrap().map(Body::new)).await
        }
    };

    let there = trusted.redirect_to(&other, "/status/200");
    let received = with_baggage(&tracer, call(there)).await;
    assert_eq!(values(&received, "baggage"), ["plan=pro"]);

    let away = trusted.redirect_to(&stranger, "/status/200");
    let received = with_baggage(&tracer, call(away)).await;
    assert_eq!(values(&received, "baggage"), [""; 0]);
    assert_eq!(values(&received, "traceparent").len(), 1);

    // What was taken away does not come back behind the stranger.
    let back = format!("/redirect/{}/status/200", trusted.address);
    let received = with_baggage(&tracer, call(trusted.redirect_to(&stranger, &back))).await;
    assert_eq!(values(&received, "baggage"), [""; 0]);
    let calls = collector.spans().into_iter().filter(|span| span.name == "http.request").count();
    assert_eq!(calls, 3, "one span covers all hops");
}

/// Case 1, with a span for each hop.
#[tokio::test]
async fn a_layer_below_the_redirects_asks_its_policy_for_each_hop() {
    let [trusted, _, stranger] = servers().await;
    let (tracer, collector) = start_tracer("users");
    let client = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(Limited::new(3)))
        .layer(ClientTraceLayer::new().tracer(&tracer).egress(egress()))
        .service(hyper());
    let url = trusted.redirect_to(&stranger, "/status/200");
    let request = Request::get(url).body(Body::empty()).unwrap();
    let received = with_baggage(&tracer, async {
        lines(client.oneshot(request).await.unwrap().map(Body::new)).await
    })
    .await;
    assert_eq!(values(&received, "baggage"), [""; 0]);
    let spans = collector.spans();
    let hosts = spans.iter().filter_map(|span| span.text("out.host")).collect::<Vec<_>>();
    assert_eq!(hosts, ["127.0.0.1", "127.0.0.2"]);
    assert_eq!(values(&received, "x-datadog-parent-id"), [last_id(&spans)]);
}

fn last_id(spans: &[CollectedSpan]) -> String {
    let call = spans.iter().rfind(|span| span.name == "http.request").unwrap();
    call.span_id.to_u64().to_string()
}

fn client(tracer: &Tracer, policy: reqwest::redirect::Policy) -> ClientWithMiddleware {
    let client = reqwest::Client::builder().no_proxy().redirect(policy).build().unwrap();
    ClientBuilder::new(client)
        .with(ClientTraceMiddleware::new().tracer(tracer).egress(egress()))
        .build()
}

/// Case 2.
#[tokio::test]
async fn reqwest_with_our_policy_stops_before_a_host_that_may_not_have_the_headers() {
    let [trusted, other, stranger] = servers().await;
    let (tracer, collector) = start_tracer("users");
    let client = client(&tracer, egress().redirect_policy());

    let there = client.get(trusted.redirect_to(&other, "/status/200")).send();
    let received: Lines = with_baggage(&tracer, there).await.unwrap().json().await.unwrap();
    assert_eq!(values(&received, "baggage"), ["plan=pro"]);
    assert_eq!(collector.spans()[1].number("http.redirect_count"), Some(1.0));

    let away = client.get(trusted.redirect_to(&stranger, "/status/200")).send();
    let response = with_baggage(&tracer, away).await.unwrap();
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    let span = &collector.spans()[3];
    assert_eq!(span.text("http.status_code"), Some("307"));
    assert_eq!(span.number("http.redirect_count"), None);
}

/// A client without our middleware.
fn reqwest_with_our_policy() -> reqwest::Client {
    let policy = egress().redirect_policy();
    reqwest::Client::builder().no_proxy().redirect(policy).build().unwrap()
}

/// Case 2, with headers that were written by hand: the span need not be current.
#[tokio::test]
async fn our_policy_sees_baggage_that_was_written_by_hand() {
    let [trusted, _, stranger] = servers().await;
    let (tracer, _collector) = start_tracer("users");
    let client = reqwest_with_our_policy();
    let job = tracer.span("job").start();
    job.baggage().set("plan", "pro");
    let away = trusted.redirect_to(&stranger, "/status/200");
    let mut headers = ::http::HeaderMap::new();
    egress().inject(&job, &away.parse().unwrap(), &mut headers);
    assert_eq!(headers["baggage"], "plan=pro");
    let response = client.get(away).headers(headers).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
}

/// The baggage header may be the application's own.
#[tokio::test]
async fn our_policy_sees_a_baggage_header_of_the_application() {
    let [trusted, _, stranger] = servers().await;
    let client = reqwest_with_our_policy();
    let away = trusted.redirect_to(&stranger, "/status/200");
    let mut headers = ::http::HeaderMap::new();
    headers.insert("baggage", "plan=pro".parse().unwrap());
    egress().inject(&Span::nothing(), &away.parse().unwrap(), &mut headers);
    assert_eq!(headers["baggage"], "plan=pro");
    let response = client.get(away).headers(headers).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
}

/// The policy sees no headers, so it remembers hosts.
#[tokio::test]
async fn our_policy_stops_at_hosts_that_may_have_no_baggage_once_the_first_was_given_some() {
    let [trusted, _, stranger] = servers().await;
    let (tracer, _collector) = start_tracer("users");
    let client = client(&tracer, egress().redirect_policy());
    let away = trusted.redirect_to(&stranger, "/status/200");
    let status = client.get(&away).send().await.unwrap().status();
    assert_eq!(status, StatusCode::OK);
    with_baggage(&tracer, client.get(trusted.url("/status/200")).send()).await.unwrap();
    let status = client.get(&away).send().await.unwrap().status();
    assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
}

/// Headers that are written without a host, as the docs of the policy warn.
#[tokio::test]
async fn our_policy_does_not_see_headers_that_were_written_for_no_host() {
    let [trusted, _, stranger] = servers().await;
    let (tracer, _collector) = start_tracer("users");
    let client = reqwest_with_our_policy();
    let job = tracer.span("job").start();
    job.baggage().set("plan", "pro");
    let mut headers = ::http::HeaderMap::new();
    job.inject(&mut headers);
    let away = trusted.redirect_to(&stranger, "/status/200");
    let response = client.get(away).headers(headers).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

/// Case 2, with nothing to hide.
#[tokio::test]
async fn reqwest_with_our_policy_follows_redirects_to_allowed_hosts() {
    let [trusted, _, stranger] = servers().await;
    let (tracer, _collector) = start_tracer("users");
    let client = client(&tracer, egress().redirect_policy());
    let without = client.get(trusted.redirect_to(&stranger, "/status/200")).send().await.unwrap();
    assert_eq!(without.status(), StatusCode::OK);
    // The stranger was given no baggage, so that it may send us to another one.
    let away = client.get(stranger.redirect_to(&stranger, "/status/200")).send();
    assert_eq!(with_baggage(&tracer, away).await.unwrap().status(), StatusCode::OK);
}

/// Case 2, without end.
#[tokio::test]
async fn reqwest_with_our_policy_gives_up_after_ten_redirects_as_it_does_without() {
    let server = Server::start().await;
    let (tracer, collector) = start_tracer("users");
    let hop = format!("/redirect/{}", server.address);
    let url = server.url(&format!("{}/status/200", hop.repeat(11)));
    let error = client(&tracer, egress().redirect_policy()).get(url).send().await.unwrap_err();
    assert!(error.is_redirect());
    let span = collector.only_span();
    assert_eq!(span.text("error.type"), Some("redirect"));
    assert_eq!(span.number("http.redirect_count"), Some(10.0));
}

/// Case 3.
#[tokio::test]
async fn reqwest_without_our_policy_takes_headers_along() {
    let [trusted, _, stranger] = servers().await;
    let (tracer, _collector) = start_tracer("users");
    let client = client(&tracer, reqwest::redirect::Policy::default());
    let away = client.get(trusted.redirect_to(&stranger, "/status/200")).send();
    let received: Lines = with_baggage(&tracer, away).await.unwrap().json().await.unwrap();
    assert_eq!(values(&received, "baggage"), ["plan=pro"]);
}

#[tokio::test]
async fn our_policy_sees_baggage_that_another_policy_wrote() {
    let [trusted, _, stranger] = servers().await;
    let (tracer, _) = start_tracer("users");
    let decides = Egress::new().baggage_to(["none", "10.0.0.1"]).redirect_policy();
    let client = reqwest::Client::builder().no_proxy().redirect(decides).build().unwrap();
    let job = tracer.span("job").start();
    job.baggage().set("plan", "pro");
    let away = trusted.redirect_to(&stranger, "/status/200");
    let mut headers = ::http::HeaderMap::new();
    egress().inject(&job, &away.parse().unwrap(), &mut headers);
    assert_eq!(headers["baggage"], "plan=pro");
    let response = client.get(away).headers(headers).send().await.unwrap();
    assert_eq!(response.status(), 307);
}
