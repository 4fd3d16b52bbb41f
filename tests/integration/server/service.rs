//! The traced service called by hand, where a server would hide when something happens.

use std::{
    convert::Infallible,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use packdog::current_span;
use packdog_server::ServerTraceLayer;
use packdog_tests::start_tracer;
use tower::{Layer, Service, ServiceExt, service_fn};

type Reply<E = Infallible> = Result<Response<Full<Bytes>>, E>;

fn response(text: &'static str) -> Reply {
    Ok(Response::new(text.into()))
}

#[tokio::test]
async fn the_span_is_current_when_the_inner_service_is_called() {
    let (tracer, collector) = start_tracer("users");
    let service = service_fn(|_: Request<()>| {
        current_span().set_tag("called", true);
        async { response("") }
    });
    let service = ServerTraceLayer::new().tracer(&tracer).layer(service);
    service.oneshot(Request::default()).await.unwrap();
    assert_eq!(collector.wait_for_only_span().await.text("called"), Some("true"));
}

#[tokio::test]
async fn a_layer_built_before_there_is_a_tracer_looks_for_one_at_each_request() {
    let service = service_fn(|_: Request<()>| async { response("") });
    let mut service = ServerTraceLayer::new().layer(service);
    let (tracer, collector) = start_tracer("users");
    let call = {
        let _scope = tracer.enter();
        service.call(Request::default())
    };
    call.await.unwrap();
    assert_eq!(collector.wait_for_only_span().await.resource, "GET");
}

#[tokio::test]
async fn an_empty_body_ends_with_the_head_and_a_full_one_with_its_frame() {
    for text in ["", "hello"] {
        let (tracer, collector) = start_tracer("users");
        let service = service_fn(|_: Request<()>| async { response(text) });
        let service = ServerTraceLayer::new().tracer(&tracer).layer(service);
        let mut body = service.oneshot(Request::default()).await.unwrap().into_body();
        assert_eq!(collector.traces().len(), usize::from(text.is_empty()), "{text:?}");
        assert_eq!(body.is_end_stream(), text.is_empty(), "{text:?}");
        let frame = body.frame().await.map(|frame| frame.unwrap().into_data().unwrap());
        assert_eq!(frame.unwrap_or_default(), text);
        assert_eq!(collector.traces().len(), 1, "{text:?} has no further frames");
        assert!(body.is_end_stream(), "{text:?}");
    }
}

/// Displays itself, and is no `Error`.
#[derive(Debug)]
struct Plain;

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain failure")
    }
}

#[tokio::test]
async fn an_error_of_the_service_passes_through_and_is_recorded() {
    let (tracer, collector) = start_tracer("users");
    let service = service_fn(|_: Request<()>| async { Reply::Err(Plain) });
    let service = ServerTraceLayer::new().tracer(&tracer).layer(service);
    let Err(Plain) = service.oneshot(Request::default()).await else { panic!("it failed") };
    let span = collector.wait_for_only_span().await;
    assert_eq!((span.is_error, span.text("http.status_code")), (true, Some("500")));
    assert!(span.text("error.type").is_some_and(|name| name.ends_with("::Plain")));
    assert_eq!(span.text("error.message"), Some("plain failure"));
    assert_eq!(span.text("http.request.cancelled"), None);
}

#[tokio::test]
async fn a_panic_that_is_caught_outside_ends_the_span_at_once() {
    let (tracer, collector) = start_tracer("users");
    let service = service_fn(async |_: Request<()>| -> Reply { panic!("no bread") });
    let mut service = ServerTraceLayer::new().tracer(&tracer).layer(service);
    let mut call = Box::pin(service.call(Request::default()));
    let mut context = Context::from_waker(Waker::noop());
    let poll = AssertUnwindSafe(|| call.as_mut().poll(&mut context).is_ready());
    assert!(catch_unwind(poll).is_err());
    assert_eq!(collector.wait_for_only_span().await.text("error.message"), Some("no bread"));
    drop(call); // The future outlives its panic, as it does inside a layer that catches panics.
    assert_eq!(collector.traces().len(), 1);
}

#[tokio::test]
async fn a_panic_elsewhere_is_no_hang_up() {
    let (tracer, collector) = start_tracer("users");
    let service = service_fn(|_: Request<()>| std::future::pending::<Reply>());
    let mut service = ServerTraceLayer::new().tracer(&tracer).layer(service);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _call = service.call(Request::default());
        panic!("no bread");
    }));
    assert!(panic.is_err());
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("error.type"), Some("panic"));
    assert_eq!(span.text("http.request.cancelled"), None);
}

/// Compiles only where the layer asks for nothing more of an error than a `Display`.
#[tokio::test]
async fn services_with_all_kinds_of_errors_can_be_wrapped() {
    async fn status<E: fmt::Display + fmt::Debug + 'static>() -> u16 {
        let service = service_fn(|_: Request<()>| async { Reply::<E>::Ok(Response::default()) });
        let service = ServerTraceLayer::new().layer(service);
        service.oneshot(Request::default()).await.unwrap().status().as_u16()
    }
    assert_eq!(status::<Infallible>().await, 200);
    assert_eq!(status::<tower::BoxError>().await, 200);
    assert_eq!(status::<hyper::Error>().await, 200);
    assert_eq!(status::<Plain>().await, 200);
}

/// Not ready for the first time, and failing afterwards.
struct Unready(bool);

impl Service<Request<()>> for Unready {
    type Response = Response<Full<Bytes>>;
    type Error = Plain;
    type Future = std::future::Ready<Reply<Plain>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Plain>> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(Err(Plain)) } else { Poll::Pending }
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        std::future::ready(Err(Plain))
    }
}

#[test]
fn readiness_passes_through() {
    let mut service = ServerTraceLayer::new().layer(Unready(false));
    let mut context = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut context).is_pending());
    assert!(matches!(service.poll_ready(&mut context), Poll::Ready(Err(Plain))));
}
