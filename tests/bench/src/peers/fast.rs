//! fastrace with a reporter that drops everything.

use std::hint::black_box;

use axum::{Router, body::Body};
use fastrace::{
    collector::{Config, Reporter, SpanRecord},
    future::FutureExt,
    prelude::{Span, SpanContext},
};
use fastrace_axum::FastraceLayer;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::BodyExt;
use tower::Service;

use super::Delivered;
use crate::{
    call, request,
    row::Step,
    serve,
    subject::Recorder,
    work::{CHILD_TAGS, ROOT_TAGS},
};

pub(crate) const NAME: (&str, &str) = ("fastrace", "fastrace, null reporter");
pub(crate) const AXUM: (&str, &str) = ("fastrace", "fastrace-axum, null reporter");
pub(crate) const REQWEST: (&str, &str) = ("fastrace", "fastrace-reqwest, null reporter");
pub(crate) const STYLES: &str = "all headers but `traceparent`";
pub(crate) const SPAN: &str = "encoding and sending; sampling; tags while a span is open to read";
pub(crate) const SERVER: &str =
    "all headers but `traceparent`; encoding and sending; most tags; time of the response's body";
pub(crate) const CLIENT: &str = "all headers but `traceparent`; encoding and sending; most tags";

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

pub(crate) fn start() -> Delivered<()> {
    fastrace::set_reporter(Null, Config::default());
    Delivered((), |()| fastrace::flush())
}

struct Null;

impl Reporter for Null {
    fn report(&mut self, _: Vec<SpanRecord>) {}
}

pub(crate) fn extract(headers: HeaderMap) -> Step {
    Box::new(move || _ = black_box(received(&headers)))
}

pub(crate) fn inject() -> Step {
    let parent = received(&request::headers()).expect("a context");
    Box::new(move || {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::try_from(parent.encode_w3c_traceparent()).expect("ASCII");
        headers.insert(TRACEPARENT, value);
        black_box(headers);
    })
}

pub(crate) fn trace(children: usize) -> Step {
    let delivered = start();
    Box::new(move || {
        let _until_the_end = &delivered;
        record(SpanContext::random(), children);
    })
}

pub(crate) fn dropped() -> Step {
    let (delivered, parent) = (start(), received(&request::dropped()).expect("a context"));
    Box::new(move || {
        let _until_the_end = &delivered;
        record(parent, 0);
    })
}

/// Nothing is installed.
pub(crate) fn disabled() -> Step {
    Box::new(|| record(SpanContext::random(), 0))
}

fn record(parent: SpanContext, children: usize) {
    let root = Span::root("http.request", parent).with_properties(|| ROOT_TAGS);
    for _ in 0..children {
        drop(Span::enter_with_parent("users.load", &root).with_properties(|| CHILD_TAGS));
    }
}

pub(crate) fn active() -> Step {
    let delivered = start();
    let span = Span::root("http.request", SpanContext::random());
    let guard = span.set_local_parent();
    Box::new(move || {
        let _until_the_end = (&guard, &span, &delivered);
        black_box(SpanContext::current_local_parent());
    })
}

pub(crate) fn recorder() -> Recorder {
    let delivered = start();
    Recorder {
        record: Box::new(|| record(SpanContext::random(), 0)),
        flush: Box::new(move || {
            let _until_the_end = &delivered;
            fastrace::flush();
        }),
    }
}

pub(crate) fn layered() -> (Router, Delivered<()>) {
    (serve::router().layer(FastraceLayer::default()), start())
}

pub(crate) fn server(headers: HeaderMap) -> Step {
    let (app, delivered) = layered();
    serve::step(app, headers, delivered)
}

/// fastrace has no layer for clients: a span around the call, and its header in the request.
pub(crate) fn tower_client() -> Step {
    let (delivered, runtime) = (start(), call::runtime());
    let mut service = call::service::<Body>(1);
    Box::new(move || {
        let _until_the_end = &delivered;
        let call = async {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = http::Uri::from_static(call::URL);
            request.headers_mut().extend(fastrace_reqwest::traceparent_headers());
            let Ok(response) = service.call(request).await;
            assert_eq!(response.status(), 200);
            response.into_body().collect().await.expect("the body ends");
        };
        runtime.block_on(call.in_span(around_call()));
    })
}

pub(crate) fn reqwest_client() -> Step {
    let (delivered, runtime) = (start(), call::runtime());
    let client = call::client(|client| client, 1);
    Box::new(move || {
        let _until_the_end = &delivered;
        let call = async {
            let headers = fastrace_reqwest::traceparent_headers();
            call::check(client.get(call::URL).headers(headers).send().await);
        };
        runtime.block_on(call.in_span(around_call()));
    })
}

fn around_call() -> Span {
    Span::root("http.request", SpanContext::random())
        .with_properties(|| [("http.method", "GET"), ("http.url", call::URL)])
}

fn received(headers: &HeaderMap) -> Option<SpanContext> {
    SpanContext::decode_w3c_traceparent(headers.get(TRACEPARENT)?.to_str().ok()?)
}
