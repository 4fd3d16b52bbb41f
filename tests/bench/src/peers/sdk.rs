//! Operations on OpenTelemetry's SDK, for any setup of it.

use std::hint::black_box;

use axum::Router;
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use http::HeaderMap;
use opentelemetry::{
    Context, KeyValue, global,
    trace::{TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;

use super::Delivered;
use crate::{
    request,
    row::Step,
    serve,
    subject::Recorder,
    work::{CHILD_TAGS, ROOT_TAGS},
};

pub(super) type Provider = Delivered<SdkTracerProvider>;

pub(super) fn extract(provider: Provider, headers: HeaderMap) -> Step {
    Box::new(move || {
        let _until_the_end = &provider;
        drop(black_box(received(&headers)));
    })
}

pub(super) fn inject(provider: Provider) -> Step {
    let parent = received(&request::headers());
    let span = provider.tracer("bench").start_with_context("http.request", &parent);
    let context = parent.with_span(span);
    Box::new(move || {
        let _until_the_end = &provider;
        let mut headers = HeaderMap::new();
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&context, &mut HeaderInjector(&mut headers));
        });
        black_box(headers);
    })
}

pub(super) fn trace(provider: Provider, children: usize) -> Step {
    let tracer = provider.tracer("bench");
    Box::new(move || {
        let _until_the_end = &provider;
        record(&tracer, &Context::new(), children);
    })
}

pub(super) fn dropped(provider: Provider) -> Step {
    let parent = received(&request::dropped());
    let tracer = provider.tracer("bench");
    Box::new(move || {
        let _until_the_end = &provider;
        record(&tracer, &parent, 0);
    })
}

fn record(tracer: &SdkTracer, parent: &Context, children: usize) {
    let attributes = |tags: &'static [(&'static str, &'static str)]| {
        tags.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect::<Vec<_>>()
    };
    let root = tracer.span_builder("http.request").with_attributes(attributes(&ROOT_TAGS));
    let context = parent.with_span(root.start_with_context(tracer, parent));
    for _ in 0..children {
        let child = tracer.span_builder("users.load").with_attributes(attributes(&CHILD_TAGS));
        drop(child.start_with_context(tracer, &context));
    }
    context.span().end();
}

pub(super) fn active(provider: Provider) -> Step {
    let span = provider.tracer("bench").start("http.request");
    let guard = Context::new().with_span(span).attach();
    Box::new(move || {
        let _until_the_end = (&guard, &provider);
        black_box(Context::map_current(|context| {
            let span = context.span();
            (span.span_context().trace_id(), span.span_context().span_id())
        }));
    })
}

pub(super) fn recorder(provider: Provider) -> Recorder {
    let tracer = provider.tracer("bench");
    Recorder {
        record: Box::new(move || record(&tracer, &Context::new(), 0)),
        flush: Box::new(move || provider.force_flush().expect("the exporter takes everything")),
    }
}

/// The layer makes spans of the crate `tracing`, which become spans of this provider.
pub(super) fn layered(provider: &Provider) -> Router {
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(subscriber).expect("the only one in this process");
    serve::router().layer(OtelAxumLayer::default())
}

pub(super) fn server(provider: Provider, headers: HeaderMap) -> Step {
    serve::step(layered(&provider), headers, provider)
}

fn received(headers: &HeaderMap) -> Context {
    global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers))
    })
}
