//! Failures inside the service: statuses, errors and panics.

use std::{fmt, io};

use axum::{Router, body::Body, extract::Path, routing::get};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use packdog::test_util::CollectedSpan;
use packdog_server::{ActiveSpan, ServerTraceLayer};
use packdog_tests::start_tracer;
use tower::{BoxError, Layer, service_fn};

use super::harness::{data, fed_body, open, read_until, request, responding, serve};

fn error_tags(span: &CollectedSpan) -> [Option<&str>; 3] {
    ["error.type", "error.message", "error.stack"].map(|key| span.text(key))
}

/// The stack without a backtrace, which there is if the environment asks for it.
fn first_cause(span: &CollectedSpan) -> Option<&str> {
    span.text("error.stack")?.lines().next()
}

#[tokio::test]
async fn a_status_from_500_on_is_an_error() {
    async fn respond(Path(status): Path<u16>) -> StatusCode {
        StatusCode::from_u16(status).unwrap()
    }
    #[rustfmt::skip]
    let table = [
        // status  type         message
        (404,      None,        None),
        (499,      None,        None),
        (500,      Some("500"), Some("500 Internal Server Error")),
        (503,      Some("503"), Some("503 Service Unavailable")),
        (599,      Some("599"), Some("599 <unknown status code>")),
        (600,      None,        None),
    ];
    for (status, error_type, message) in table {
        let (tracer, collector) = start_tracer("users");
        let app = Router::new().route("/{status}", get(respond));
        let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
        assert_eq!(request(address, "GET", &format!("/{status}")).await.0, status);
        let span = collector.wait_for_only_span().await;
        assert_eq!(span.is_error, error_type.is_some(), "{status}");
        assert_eq!(error_tags(&span), [error_type, message, None], "{status}");
        assert_eq!(span.text("http.status_code"), Some(status.to_string().as_str()));
    }
}

#[tokio::test]
async fn an_error_that_the_handler_recorded_takes_precedence_over_the_status() {
    async fn respond(span: ActiveSpan) -> StatusCode {
        span.set_error(&io::Error::other("disk full"));
        StatusCode::INTERNAL_SERVER_ERROR
    }
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route("/", get(respond));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    request(address, "GET", "/").await;
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("error.message"), Some("disk full"));
}

#[tokio::test]
async fn a_boxed_error_is_recorded_with_its_causes() {
    #[derive(Debug)]
    struct Unavailable(io::Error);
    impl fmt::Display for Unavailable {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("users unavailable")
        }
    }
    impl std::error::Error for Unavailable {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let (tracer, collector) = start_tracer("users");
    let service = service_fn(|_: Request<Incoming>| async {
        let error = Unavailable(io::Error::other("disk full"));
        Err::<Response<Body>, BoxError>(error.into())
    });
    let address = serve(ServerTraceLayer::new().tracer(&tracer).layer(service)).await;
    assert!(reqwest::get(format!("http://{address}/")).await.is_err());
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("error.message"), Some("users unavailable"));
    assert_eq!(span.text("error.type"), None, "a box is not the type of the error");
    assert_eq!(first_cause(&span), Some("disk full"));
}

#[tokio::test]
async fn an_error_in_the_body_marks_the_span_and_keeps_its_status() {
    let (tracer, collector) = start_tracer("users");
    let (feed, body) = fed_body();
    let layer = ServerTraceLayer::new().tracer(&tracer);
    // axum wraps the error in one of its own.
    let address = serve(layer.layer(responding(Response::new(Body::new(body))))).await;
    let mut client = open(address).await;
    feed.send(data("first")).unwrap();
    read_until(&mut client, "first").await;
    feed.send(Err("disk full".into())).unwrap();
    let span = collector.wait_for_only_span().await;
    assert_eq!((span.is_error, span.text("http.status_code")), (true, Some("200")));
    assert_eq!(span.text("error.message"), Some("disk full"));
    assert_eq!(first_cause(&span), Some("disk full"));
    assert_eq!(span.text("http.request.cancelled"), None);
}

#[tokio::test]
async fn a_panic_is_recorded_and_unwinds_on() {
    async fn respond() {
        panic!("no bread");
    }
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route("/", get(respond));
    let app = app.layer(ServerTraceLayer::new().tracer(&tracer));
    let call = tower::ServiceExt::oneshot(app, Request::new(Body::empty()));
    let panic = tokio::spawn(call).await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"no bread"));
    let span = collector.wait_for_only_span().await;
    assert_eq!((span.is_error, span.text("http.status_code")), (true, Some("500")));
    assert_eq!(error_tags(&span), [Some("panic"), Some("no bread"), None]);
    assert_eq!(span.text("http.request.cancelled"), None);
}
