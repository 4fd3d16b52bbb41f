//! A response body that has ended is dropped while its span is current, as one that is given up.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty};
use packdog::test_util;
use packdog_client::ClientTraceLayer;
use packdog_server::ServerTraceLayer;
use tower::{BoxError, Layer, ServiceExt, service_fn};

type Next = Option<Result<Frame<Bytes>, BoxError>>;
type MakeFrame = fn() -> Result<Frame<Bytes>, BoxError>;

/// A body of one frame, whose destructor makes a span and tags the current one.
struct Cursor {
    next: Next,
    knows_its_end: bool,
}

impl Body for Cursor {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Next> {
        Poll::Ready(self.next.take())
    }

    fn is_end_stream(&self) -> bool {
        self.knows_its_end && self.next.is_none()
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        packdog::current_span().set_tag("cursor", "closed");
        packdog::span("cursor.close").in_scope(|_| ());
    }
}

#[tokio::test]
async fn the_span_is_current_while_a_body_that_has_ended_is_dropped() {
    let bread = || Ok(Frame::data(Bytes::from_static(b"bread")));
    let none = || Err("no bread".into());
    let table: [(Method, MakeFrame); 3] =
        [(Method::GET, bread), (Method::GET, none), (Method::HEAD, bread)];
    for (method, frame) in table {
        for (is_server, knows_its_end) in
            [(true, true), (true, false), (false, true), (false, false)]
        {
            let (collector, _scope) = test_util::collect();
            let service = service_fn(async |_: Request<Empty<Bytes>>| {
                Ok::<_, BoxError>(Response::new(Cursor { next: Some(frame()), knows_its_end }))
            });
            let mut request = Request::new(Empty::new());
            *request.method_mut() = method.clone();
            if is_server {
                let response = ServerTraceLayer::new().layer(service).oneshot(request).await;
                let _ = response.unwrap().into_body().collect().await;
            } else {
                let layer = ClientTraceLayer::new().until_body_end();
                let response = layer.layer(service).oneshot(request).await;
                let _ = response.unwrap().into_body().collect().await;
            }
            let (exchange, close) =
                (collector.span("http.request"), collector.span("cursor.close"));
            assert_eq!(close.parent_id, Some(exchange.span_id), "{method} {is_server}");
            // With its last frame the span ends, but not before the body has been dropped.
            let is_read = method == Method::GET && frame().is_ok();
            let is_tagged = exchange.tags.contains_key("cursor");
            assert_eq!(is_tagged, is_read, "{method} {is_server} {knows_its_end}");
        }
    }
}
