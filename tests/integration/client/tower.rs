//! Rules for the tower layer alone: its place among other services, and errors of any type.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    future::{pending, ready},
    io,
    task::{Context, Poll},
    time::Duration,
};

use ::http::{Request, Response};
use ::tower::{
    BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn, timeout::TimeoutLayer,
};
use packdog::{current_span, span, test_util::CollectedSpan};
use packdog_client::ClientTraceLayer;
use packdog_tests::{numbers, start_tracer};

#[tokio::test]
async fn the_span_is_current_in_the_inner_call_and_in_each_poll_and_nowhere_else() {
    let (tracer, collector) = start_tracer("users");
    let inner = service_fn(|_: Request<()>| {
        span("connect").start().finish();
        async {
            span("first poll").start().finish();
            tokio::task::yield_now().await;
            span("second poll").start().finish();
            Ok::<_, Infallible>(Response::new(()))
        }
    });
    let mut client = ClientTraceLayer::new().tracer(&tracer).layer(inner);
    let response = client.ready().await.unwrap().call(Request::new(()));
    assert!(current_span().is_nothing());
    response.await.unwrap();
    assert!(current_span().is_nothing());

    let mut spans = collector.spans();
    let call = spans.remove(0);
    assert_eq!(call.name, "http.request");
    let names = spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["connect", "first poll", "second poll"]);
    assert!(spans.iter().all(|span| span.parent_id == Some(call.span_id)), "{spans:?}");
}

#[tokio::test]
async fn each_of_many_hosts_is_shown_however_many_there_were_before() {
    let (tracer, collector) = start_tracer("users");
    let inner = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(()))));
    let client = ClientTraceLayer::new().tracer(&tracer).layer(inner);
    let mut hosts: Vec<_> = (0..50_u16).map(|number| format!("host{number}.test")).collect();
    hosts.push(format!("{}.test", "x".repeat(300)));
    let mut expected = Vec::new();
    for host in hosts.iter().chain(&hosts) {
        for (method, port) in [("GET", 8000), ("POST", 8001), ("POST", 8000)] {
            let uri = format!("http://{host}:{port}/a");
            let request = Request::builder().method(method).uri(uri).body(()).unwrap();
            client.clone().oneshot(request).await.unwrap();
            expected.push((method, host.as_str(), f64::from(port)));
        }
    }
    let spans = collector.spans();
    assert_eq!(spans.len(), expected.len());
    for (span, (method, host, port)) in spans.iter().zip(expected) {
        assert_eq!((&*span.resource, &*span.span_type), (method, "http"));
        let tags = ["out.host", "http.method", "component", "span.kind"];
        let shown = [Some(host), Some(method), Some("tower"), Some("client")];
        assert_eq!(tags.map(|tag| span.text(tag)), shown);
        assert_eq!(numbers(span), [("network.destination.port", port)]);
    }
}

async fn failing<E: fmt::Display + 'static>(error: E) -> CollectedSpan {
    let (tracer, collector) = start_tracer("users");
    let mut error = Some(error);
    let inner =
        service_fn(move |_: Request<()>| ready(Err::<Response<()>, _>(error.take().unwrap())));
    let client = ClientTraceLayer::new().tracer(&tracer).layer(inner);
    assert!(client.oneshot(Request::new(())).await.is_err());
    let span = collector.only_span();
    assert!(span.is_error);
    span
}

/// Neither an `Error` nor a type that packdog knows.
struct Refusal;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not today")
    }
}

#[tokio::test]
async fn an_error_that_can_only_print_itself_is_recorded() {
    let span = failing(Refusal).await;
    assert_eq!(span.text("error.type"), Some(std::any::type_name::<Refusal>()));
    assert_eq!(span.text("error.message"), Some("not today"));
    assert_eq!(span.text("error.stack"), None);
}

#[derive(Debug)]
struct Cut(io::Error);

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection")
    }
}

impl Error for Cut {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[tokio::test]
async fn a_boxed_error_is_recorded_with_its_causes() {
    let span = failing::<BoxError>(Cut(io::Error::other("the cable is cut")).into()).await;
    assert_eq!(span.text("error.type"), None);
    assert_eq!(span.text("error.message"), Some("no connection"));
    let causes = span.text("error.stack").unwrap();
    assert_eq!(causes.lines().next(), Some("the cable is cut"));
}

#[tokio::test]
async fn a_timeout_layer_behind_ours_is_a_timeout_and_no_cancellation() {
    let (tracer, collector) = start_tracer("users");
    let never = service_fn(|_: Request<()>| pending::<Result<Response<()>, BoxError>>());
    let client = ServiceBuilder::new()
        .layer(ClientTraceLayer::new().tracer(&tracer))
        .layer(TimeoutLayer::new(Duration::ZERO))
        .service(never);
    client.oneshot(Request::new(())).await.unwrap_err();
    let span = collector.only_span();
    assert_eq!((span.is_error, span.text("error.type")), (true, Some("timeout")));
    assert_eq!(span.text("error.message"), Some("request timed out"));
    assert_eq!(span.text("http.request.cancelled"), None);
}

struct Unready;

impl Service<Request<()>> for Unready {
    type Response = Response<()>;
    type Error = &'static str;
    type Future = std::future::Ready<Result<Response<()>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        Poll::Ready(Err("not ready"))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        unreachable!("it was not ready")
    }
}

#[tokio::test]
async fn readiness_is_that_of_the_inner_service_and_opens_no_span() {
    let (tracer, collector) = start_tracer("users");
    let mut client = ClientTraceLayer::new().tracer(&tracer).layer(Unready);
    assert_eq!(client.ready().await.err(), Some("not ready"));
    assert_eq!(collector.spans().len(), 0);
}

#[tokio::test]
async fn a_layer_keeps_the_tracer_of_the_scope_in_which_it_is_built() {
    let (tracer, collector) = start_tracer("users");
    let layer = {
        let _scope = tracer.enter();
        ClientTraceLayer::new()
    };
    let inner = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(()))));
    tokio::spawn(layer.layer(inner).oneshot(Request::new(()))).await.unwrap().unwrap();
    assert_eq!(collector.only_span().name, "http.request");
}
