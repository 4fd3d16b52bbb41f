//! Errors that a response brings along, and panics that something catches on the way.

use std::{any::Any, fmt, io};

use axum::{
    Extension, Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use packdog::test_util::CollectedSpan;
use packdog_server::{ResponseError, ServerTraceLayer};
use packdog_tests::start_tracer;
use tower_http::catch_panic::CatchPanicLayer;

use super::harness::{request, serve};

#[derive(Debug)]
struct UsersError {
    status: StatusCode,
    cause: io::Error,
}

impl fmt::Display for UsersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no users")
    }
}

impl std::error::Error for UsersError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl IntoResponse for UsersError {
    fn into_response(self) -> Response {
        (self.status, Extension(ResponseError::new(self)), "sorry").into_response()
    }
}

async fn span_of(app: Router, path: &str) -> CollectedSpan {
    let (tracer, collector) = start_tracer("users");
    let app = app.layer(ServerTraceLayer::new().tracer(&tracer));
    request(serve(app).await, "GET", path).await;
    collector.wait_for_only_span().await
}

fn failing(status: StatusCode) -> Router {
    let handler =
        async move || Err::<(), _>(UsersError { status, cause: io::Error::other("disk full") });
    Router::new().route("/", get(handler))
}

#[tokio::test]
async fn an_error_of_the_application_is_recorded_with_its_type_and_causes() {
    let span = span_of(failing(StatusCode::SERVICE_UNAVAILABLE), "/").await;
    assert!(span.is_error);
    assert!(span.text("error.type").is_some_and(|name| name.ends_with("::UsersError")));
    assert_eq!(span.text("error.message"), Some("no users"));
    assert_eq!(span.text("error.stack").and_then(|stack| stack.lines().next()), Some("disk full"));
}

#[tokio::test]
async fn an_error_whose_response_is_no_failure_is_not_recorded() {
    let span = span_of(failing(StatusCode::NOT_FOUND), "/").await;
    assert_eq!((span.is_error, span.text("error.message")), (false, None));
}

#[tokio::test]
async fn a_boxed_error_has_a_message_and_no_type() {
    let handler = async || {
        let error = ResponseError::boxed(io::Error::other("disk full"));
        (StatusCode::INTERNAL_SERVER_ERROR, Extension(error))
    };
    let span = span_of(Router::new().route("/", get(handler)), "/").await;
    assert_eq!((span.is_error, span.text("error.message")), (true, Some("disk full")));
    assert_eq!(span.text("error.type"), None);
}

async fn panicking() {
    panic!("no bread");
}

#[tokio::test]
async fn a_panic_that_is_caught_outside_is_recorded_and_gets_a_response() {
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route("/", get(panicking));
    let app = app.layer(ServerTraceLayer::new().tracer(&tracer)).layer(CatchPanicLayer::new());
    assert_eq!(request(serve(app).await, "GET", "/").await.0, 500);
    let span = collector.wait_for_only_span().await;
    assert_eq!((span.is_error, span.text("http.status_code")), (true, Some("500")));
    assert_eq!(span.text("error.type"), Some("panic"));
    assert_eq!(span.text("error.message"), Some("no bread"));
}

/// There is one hook for the whole process, so one test covers both cases: with responses
/// that come before and after it.
#[tokio::test]
async fn a_panic_that_is_caught_inside_is_an_error_by_status_and_the_hook_adds_its_message() {
    fn app() -> Router {
        let response = |_: Box<dyn Any + Send>| StatusCode::BAD_GATEWAY.into_response();
        Router::new().route("/", get(panicking)).layer(CatchPanicLayer::custom(response))
    }
    let span = span_of(app(), "/").await;
    assert_eq!((span.is_error, span.text("error.message")), (true, Some("502 Bad Gateway")));

    packdog::error::panic_hook();
    packdog::error::panic_hook();
    let span = span_of(app(), "/").await;
    assert_eq!((span.is_error, span.text("http.status_code")), (true, Some("502")));
    assert_eq!(span.text("error.type"), Some("panic"));
    assert_eq!(span.text("error.message"), Some("no bread"));
    let stack = span.text("error.stack").unwrap();
    assert!(stack.starts_with("at ") && stack.contains("handed_error.rs:"), "{stack}");
}

#[derive(Debug)]
struct PanicsInItsCause;

impl fmt::Display for PanicsInItsCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no users")
    }
}

impl std::error::Error for PanicsInItsCause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        panic!("no cause")
    }
}

#[tokio::test]
async fn an_error_that_panics_when_it_is_asked_for_its_cause_changes_no_response() {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let handler = async move || (status, Extension(ResponseError::new(PanicsInItsCause)), "sorry");
    let span = span_of(Router::new().route("/", get(handler)), "/").await;
    assert_eq!(span.text("http.status_code"), Some("503"));
    assert!(span.text("error.type").is_some_and(|name| name.ends_with("::PanicsInItsCause")));
    assert_eq!(span.text("error.message"), Some("no users"));
}
