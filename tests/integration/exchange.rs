//! The rules that servers and clients share: each case runs behind both layers.

use std::{
    error::Error,
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body::Frame;
use http_body_util::BodyExt;
use packdog::{
    current_span,
    test_util::{self, CollectedSpan},
};
use packdog_client::ClientTraceLayer;
use packdog_server::ServerTraceLayer;
use tower::{BoxError, Layer, Service, ServiceExt, service_fn};

const SIDES: [Side; 2] = [Side::Server, Side::Client];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Server,
    Client,
}

/// Makes one call through the layer of a side, and reads the response to its end.
async fn traced<S, B, E>(side: Side, request: Request<Body>, service: S) -> CollectedSpan
where
    S: Service<Request<Body>, Response = Response<B>, Error = E>,
    B: http_body::Body,
    B::Error: fmt::Display + 'static,
    E: fmt::Display + 'static,
{
    let (collector, _scope) = test_util::collect();
    match side {
        Side::Server => {
            if let Ok(response) = ServerTraceLayer::new().layer(service).oneshot(request).await {
                let _ = response.into_body().collect().await;
            }
        }
        Side::Client => {
            let layer = ClientTraceLayer::new().until_body_end();
            if let Ok(response) = layer.layer(service).oneshot(request).await {
                let _ = response.into_body().collect().await;
            }
        }
    }
    collector.spans().pop().unwrap()
}

/// Polls a future once, and drops it.
async fn give_up(future: impl Future) {
    let mut future = Box::pin(future);
    std::future::poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// Polls a future to its end; returns whether that is a panic.
async fn panics(future: impl Future) -> bool {
    let mut future = Box::pin(future);
    std::future::poll_fn(|cx| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx).is_ready())) {
            Ok(false) => Poll::Pending,
            Ok(true) => Poll::Ready(false),
            Err(_) => Poll::Ready(true),
        }
    })
    .await
}

fn get() -> Request<Body> {
    Request::get("http://pantry/bread").body(Body::empty()).unwrap()
}

fn call() -> Request<Body> {
    let request = Request::post("http://pantry/pantry.Pantry/Take");
    request.header(CONTENT_TYPE, "application/grpc").body(Body::empty()).unwrap()
}

fn response(status: u16) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn error_parts(span: &CollectedSpan) -> (bool, Option<&str>, Option<&str>) {
    (span.is_error, span.text("error.type"), span.text("error.message"))
}

#[tokio::test]
async fn a_failing_status_is_the_type_and_the_message_of_the_error() {
    #[rustfmt::skip]
    let table = [
        // side          status  error
        (Side::Server,   503,    (true, Some("503"), Some("503 Service Unavailable"))),
        (Side::Server,   404,    (false, None, None)),
        (Side::Client,   404,    (true, Some("404"), Some("404 Not Found"))),
        (Side::Client,   503,    (false, None, None)),
    ];
    for (side, status, error) in table {
        let service = service_fn(async |_| Ok::<_, BoxError>(response(status)));
        let span = traced(side, get(), service).await;
        assert_eq!(error_parts(&span), error, "{side:?} {status}");
    }
}

#[tokio::test]
async fn a_proxy_that_responds_in_place_of_a_grpc_server_fails_the_call() {
    for side in SIDES {
        let service = service_fn(async |_| Ok::<_, BoxError>(response(502)));
        let span = traced(side, call(), service).await;
        assert_eq!(error_parts(&span), (true, Some("UNKNOWN"), Some("UNKNOWN")), "{side:?}");
        assert_eq!(span.text("rpc.grpc.status_code"), Some("2"), "{side:?}");
    }
}

#[derive(Debug)]
struct Outer(io::Error);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no bread for url (http://me:pw@pantry/?token=x)")
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[tokio::test]
async fn a_boxed_error_has_its_causes_and_shows_no_secrets() {
    fn outer() -> Outer {
        Outer(io::Error::other("out of flour"))
    }
    for side in SIDES {
        let sync = service_fn(async |_| Err::<Response<Body>, _>(BoxError::from(outer())));
        let send = service_fn(async |_| {
            Err::<Response<Body>, _>(Box::new(outer()) as Box<dyn Error + Send>)
        });
        let plain =
            service_fn(async |_| Err::<Response<Body>, _>(Box::new(outer()) as Box<dyn Error>));
        let spans = [
            traced(side, get(), sync).await,
            traced(side, get(), send).await,
            traced(side, get(), plain).await,
        ];
        for span in spans {
            let message = Some("no bread for url (http://pantry/?<redacted>)");
            assert_eq!(error_parts(&span), (true, None, message), "{side:?}");
            let stack = span.text("error.stack").unwrap();
            assert_eq!(stack.lines().next(), Some("out of flour"), "{side:?}");
        }
    }
}

/// Tags the span that is current when it is dropped.
struct Farewell(&'static str);

impl Drop for Farewell {
    fn drop(&mut self) {
        current_span().set_tag(self.0, true);
    }
}

/// A body that never comes to its end.
struct EndlessBody(#[expect(dead_code, reason = "dropped with the body")] Farewell);

impl http_body::Body for EndlessBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Pending
    }
}

/// Gives up a request that gets no response, on each side.
async fn give_up_each(farewell: &'static str, request: fn() -> Request<Body>) {
    for side in SIDES {
        let (collector, _scope) = test_util::collect();
        let service = service_fn(async |_: Request<Body>| {
            let _farewell = Farewell(farewell);
            std::future::pending::<Result<Response<Body>, BoxError>>().await
        });
        let (server, client) = (ServerTraceLayer::new(), ClientTraceLayer::new());
        match side {
            Side::Server => give_up(server.layer(service).oneshot(request())).await,
            Side::Client => give_up(client.layer(service).oneshot(request())).await,
        }
        let span = collector.span("http.request");
        assert_eq!(span.text(farewell), Some("true"), "{side:?}");
        assert_eq!(span.text("http.request.cancelled_in"), Some("head"), "{side:?}");
    }
}

#[tokio::test]
async fn the_span_is_current_while_a_future_that_was_given_up_is_dropped() {
    give_up_each("future.dropped", get).await;
}

#[tokio::test]
async fn the_span_is_current_while_a_handshake_that_was_given_up_is_dropped() {
    give_up_each("handshake.dropped", || {
        let request = Request::get("http://pantry/bell").header("connection", "upgrade");
        request.header("upgrade", "websocket").body(Body::empty()).unwrap()
    })
    .await;
}

#[tokio::test]
async fn the_span_is_current_while_a_body_that_was_given_up_is_dropped() {
    for side in SIDES {
        let (collector, _scope) = test_util::collect();
        let service = service_fn(async |_: Request<Body>| {
            Ok::<_, BoxError>(Response::new(EndlessBody(Farewell("body.dropped"))))
        });
        match side {
            Side::Server => {
                drop(ServerTraceLayer::new().layer(service).oneshot(get()).await.unwrap());
            }
            Side::Client => {
                let layer = ClientTraceLayer::new().until_body_end();
                drop(layer.layer(service).oneshot(get()).await.unwrap());
            }
        }
        let span = collector.span("http.request");
        assert_eq!(span.text("body.dropped"), Some("true"), "{side:?}");
        assert_eq!(span.text("http.request.cancelled_in"), Some("body"), "{side:?}");
    }
}

/// A future and a body by hand: both panic when they are polled, and still hold their value then.
struct Panicking(#[expect(dead_code, reason = "dropped with it")] Farewell);

impl Future for Panicking {
    type Output = Result<Response<Body>, BoxError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        panic!("no bread");
    }
}

impl http_body::Body for Panicking {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        panic!("no bread");
    }
}

#[tokio::test]
async fn the_span_is_current_while_what_a_panic_left_is_dropped() {
    for side in SIDES {
        for panics_in in ["head", "body"] {
            let (collector, _scope) = test_util::collect();
            let head = service_fn(|_: Request<Body>| Panicking(Farewell("dropped")));
            let body = service_fn(async |_: Request<Body>| {
                Ok::<_, BoxError>(Response::new(Panicking(Farewell("dropped"))))
            });
            let panicked = match (side, panics_in) {
                (Side::Server, "head") => {
                    panics(ServerTraceLayer::new().layer(head).oneshot(get())).await
                }
                (Side::Client, "head") => {
                    panics(ClientTraceLayer::new().layer(head).oneshot(get())).await
                }
                (Side::Server, _) => {
                    let response = ServerTraceLayer::new().layer(body).oneshot(get()).await;
                    panics(response.unwrap().into_body().collect()).await
                }
                (Side::Client, _) => {
                    let layer = ClientTraceLayer::new().until_body_end();
                    let response = layer.layer(body).oneshot(get()).await;
                    panics(response.unwrap().into_body().collect()).await
                }
            };
            assert!(panicked, "{side:?} {panics_in}");
            let span = collector.span("http.request");
            assert_eq!(span.text("dropped"), Some("true"), "{side:?} {panics_in}");
            let error = (true, Some("panic"), Some("no bread"));
            assert_eq!(error_parts(&span), error, "{side:?} {panics_in}");
        }
    }
}

#[tokio::test]
async fn a_tag_of_the_application_wins_and_does_not_steer_the_layer() {
    for side in SIDES {
        let service = service_fn(async |_: Request<Body>| {
            current_span().set_tag("rpc.grpc.status_code", "0");
            Ok::<_, BoxError>(Response::new(Body::empty()))
        });
        let span = traced(side, call(), service).await;
        assert_eq!(span.text("rpc.grpc.status_code"), Some("0"), "{side:?}");
        assert_eq!(error_parts(&span), (true, Some("UNKNOWN"), Some("UNKNOWN")), "{side:?}");
    }
    let service = service_fn(async |_: Request<Body>| {
        current_span().set_tag("http.route", "/made/up");
        Ok::<_, BoxError>(response(404))
    });
    let span = traced(Side::Server, get(), service).await;
    assert_eq!(span.resource, "GET 404");
}

#[tokio::test]
async fn fields_and_tags_that_the_application_sets_win_over_those_of_the_layer() {
    for (side, status) in [(Side::Server, 503), (Side::Client, 404)] {
        let service = service_fn(move |_: Request<Body>| async move {
            let span = current_span();
            span.set_resource("order");
            span.set_service("kitchen");
            span.set_operation_name("kitchen.order");
            span.set_type("worker");
            span.set_tag("http.status_code", "0");
            span.set_tag("http.url", "/bread");
            span.set_tag("error.type", "NoBread");
            Ok::<_, BoxError>(response(status))
        });
        let span = traced(side, get(), service).await;
        let fields = [&span.resource, &span.service, &span.name, &span.span_type];
        assert_eq!(fields, ["order", "kitchen", "kitchen.order", "worker"], "{side:?}");
        assert_eq!(span.text("http.status_code"), Some("0"), "{side:?}");
        assert_eq!(span.text("http.url"), Some("/bread"), "{side:?}");
        assert_eq!(error_parts(&span).1, Some("NoBread"), "{side:?}");
        assert!(span.is_error, "{side:?}");
    }
}

#[tokio::test]
async fn an_application_can_remove_the_error_mark() {
    for (side, status) in [(Side::Server, 503), (Side::Client, 404)] {
        let service = service_fn(move |_: Request<Body>| async move {
            current_span().set_is_error(false);
            Ok::<_, BoxError>(response(status))
        });
        assert!(!traced(side, get(), service).await.is_error, "{side:?}");
    }
}

#[tokio::test]
async fn an_error_that_the_application_recorded_stays_when_the_service_fails() {
    for side in SIDES {
        let typed = service_fn(async |_: Request<Body>| {
            current_span().set_error_parts("NoBread", "no bread", "at the shelf");
            Err::<Response<Body>, _>(io::Error::other("refused"))
        });
        let boxed = service_fn(async |_: Request<Body>| {
            current_span().set_error_parts("NoBread", "no bread", "at the shelf");
            Err::<Response<Body>, _>(BoxError::from(Outer(io::Error::other("refused"))))
        });
        let spans = [traced(side, get(), typed).await, traced(side, get(), boxed).await];
        for span in spans {
            let error = (true, Some("NoBread"), Some("no bread"));
            assert_eq!(error_parts(&span), error, "{side:?}");
            assert_eq!(span.text("error.stack"), Some("at the shelf"), "{side:?}");
        }
    }
}

#[tokio::test]
async fn an_error_mark_that_the_application_removed_stays_removed_when_the_service_fails() {
    for side in SIDES {
        let service = service_fn(async |_: Request<Body>| {
            current_span().set_tag("error", false);
            Err::<Response<Body>, _>(io::Error::other("refused"))
        });
        let span = traced(side, get(), service).await;
        assert_eq!(error_parts(&span), (false, None, None), "{side:?}");
    }
}

#[tokio::test]
async fn an_error_of_the_body_replaces_the_one_that_the_status_told() {
    for (side, status) in [(Side::Server, 503), (Side::Client, 404)] {
        let service = service_fn(move |_: Request<Body>| async move {
            let failing = Outer(io::Error::other("out of flour"));
            let body = tokio_stream::iter([Err::<Bytes, _>(BoxError::from(failing))]);
            let mut response = response(status);
            *response.body_mut() = Body::from_stream(body);
            Ok::<_, BoxError>(response)
        });
        let span = traced(side, get(), service).await;
        let message = Some("no bread for url (http://pantry/?<redacted>)");
        assert_eq!((error_parts(&span).0, error_parts(&span).2), (true, message), "{side:?}");
        assert_eq!(span.text("error.type"), Some("axum_core::error::Error"), "{side:?}");
    }
}

#[tokio::test]
async fn hooks_see_the_heads_with_the_span() {
    let service = || {
        service_fn(async |_: Request<Body>| {
            let mut response = response(200);
            response.headers_mut().insert("x-cache", http::HeaderValue::from_static("hit"));
            Ok::<_, BoxError>(response)
        })
    };
    let cache = |span: &packdog::Span, headers: &http::HeaderMap| {
        span.set_tag("cache", headers["x-cache"].to_str().unwrap());
    };
    for side in SIDES {
        let (collector, _scope) = test_util::collect();
        match side {
            Side::Server => {
                let layer = ServerTraceLayer::new()
                    .on_request(|span, head| span.set_resource(head.uri().path().to_owned()))
                    .on_response(move |span, head| cache(span, head.headers()));
                drop(layer.layer(service()).oneshot(get()).await.unwrap());
            }
            Side::Client => {
                let layer = ClientTraceLayer::new()
                    .on_request(|span, head| span.set_resource(head.path().to_owned()))
                    .on_response(move |span, head| cache(span, head.headers()));
                drop(layer.layer(service()).oneshot(get()).await.unwrap());
            }
        }
        let span = collector.span("http.request");
        assert_eq!((&*span.resource, span.text("cache")), ("/bread", Some("hit")), "{side:?}");
    }
}

#[tokio::test]
async fn the_span_is_current_in_hooks_and_learns_of_their_panics() {
    let service = || service_fn(async |_: Request<Body>| Ok::<_, BoxError>(response(200)));
    let tag = |key| current_span().set_tag(key, true);
    for side in SIDES {
        for panics_at in ["request", "response"] {
            let hook = move |moment| {
                tag(moment);
                assert!(moment != panics_at, "no hook at {moment}");
            };
            let (collector, _scope) = test_util::collect();
            let call = async {
                match side {
                    Side::Server => {
                        let layer = ServerTraceLayer::new()
                            .on_request(move |_, _| hook("request"))
                            .on_response(move |_, _| hook("response"));
                        drop(layer.layer(service()).oneshot(get()).await.unwrap());
                    }
                    Side::Client => {
                        let layer = ClientTraceLayer::new()
                            .on_request(move |_, _| hook("request"))
                            .on_response(move |_, _| hook("response"));
                        drop(layer.layer(service()).oneshot(get()).await.unwrap());
                    }
                }
            };
            assert!(panics(call).await, "{side:?} {panics_at}");
            let span = collector.span("http.request");
            assert_eq!(span.text(panics_at), Some("true"), "{side:?}");
            let message = format!("no hook at {panics_at}");
            assert_eq!(error_parts(&span), (true, Some("panic"), Some(&*message)), "{side:?}");
            assert_eq!(span.text("http.request.cancelled_in"), None, "{side:?}");
        }
    }
}

/// A payload of a panic that cannot be dropped without another one.
struct PanicsAgain;

impl Drop for PanicsAgain {
    fn drop(&mut self) {
        panic_any(Self);
    }
}

/// An error whose `Display` fails or panics.
#[derive(Debug)]
enum Hostile {
    PanicsTwice,
    Fails,
    Panics,
    PanicsInItsCause,
}

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("begun")?;
        match self {
            Self::Fails => Err(fmt::Error),
            Self::Panics => panic!("no text"),
            Self::PanicsTwice => panic_any(PanicsAgain),
            Self::PanicsInItsCause => Ok(()),
        }
    }
}

impl Error for Hostile {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::PanicsInItsCause => panic!("no cause"),
            _ => None,
        }
    }
}

#[tokio::test]
async fn an_error_that_cannot_be_printed_is_recorded_and_reaches_the_caller() {
    fn hostile() -> [Hostile; 4] {
        use Hostile::{Fails, Panics, PanicsInItsCause, PanicsTwice};
        [Fails, Panics, PanicsInItsCause, PanicsTwice]
    }
    for side in SIDES {
        for error in hostile() {
            let mut error = Some(error);
            let typed = service_fn(move |_| {
                std::future::ready(Err::<Response<Body>, _>(error.take().unwrap()))
            });
            let span = traced(side, get(), typed).await;
            assert_eq!(error_parts(&span).2, Some("begun"), "{side:?}");
        }
        for error in hostile() {
            let mut error = Some(error);
            let boxed = service_fn(move |_| {
                std::future::ready(Err::<Response<Body>, _>(BoxError::from(error.take().unwrap())))
            });
            assert!(traced(side, get(), boxed).await.is_error, "{side:?}");
        }
    }
}

#[tokio::test]
async fn the_stack_of_an_error_holds_its_causes_and_no_frames_of_the_middleware() {
    for side in SIDES {
        let service = service_fn(async |_| {
            Err::<Response<Body>, _>(BoxError::from(Outer(io::Error::other("out of flour"))))
        });
        let span = traced(side, get(), service).await;
        assert_eq!(span.text("error.stack"), Some("out of flour"), "{side:?}");
    }
}
