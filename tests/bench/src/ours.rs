//! packdog's part in every row: the only file that uses packdog.

use std::{hint::black_box, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use http::HeaderMap;
use opentelemetry::{
    Context, KeyValue,
    trace::{TraceContextExt, Tracer, TracerProvider as _},
};
use packdog::{
    config::ApiVersion,
    internal::wire::{self, PlainTags, WireSpan},
    propagation::Propagator,
    span::TagValue,
};
use packdog_client::{ClientTraceLayer, ClientTraceMiddleware};
use packdog_opentelemetry::{TracerProvider, share_current_span};
use packdog_server::ServerTraceLayer;
use tower::Layer;

use crate::{
    agent::DROPPING,
    call, request,
    row::{Sends, Step},
    serve,
    subject::Recorder,
    work::{CHILD_TAGS, CHILDREN, ROOT_TAGS},
};

/// Longer than any delivery takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// The spans of the client's rows, and the one around all calls.
pub(crate) const CLIENT_SENDS: &[Sends] = &[
    Sends { tags: &[("http.status_code", "200")], per_step: 1, besides: 0 },
    Sends { tags: &[], per_step: 0, besides: 1 },
];

/// Delivers to the Agent when dropped, so that the delivery is part of the measurement.
#[derive(Debug)]
pub(crate) struct Packdog(packdog::Guard);

impl Packdog {
    pub(crate) fn start(agent: &str) -> Self {
        let config = packdog::Config::new().with_service("bench").with_agent_url(agent);
        Self(config.build().expect("a thread for the delivery"))
    }

    /// A root span that continues the trace of the request with all headers.
    fn continued(&self) -> packdog::OwnedSpan {
        let context = self.0.tracer().extract(&request::headers());
        self.0.tracer().span("http.request").child_of(context).start()
    }
}

impl Drop for Packdog {
    fn drop(&mut self) {
        let report = self.0.flush(PATIENCE);
        assert_eq!((report.dropped, report.queued), (0, 0), "{report:?}");
    }
}

pub(crate) fn extract(headers: HeaderMap) -> Step {
    let propagator = Propagator::default();
    Box::new(move || drop(black_box(propagator.extract(&headers))))
}

pub(crate) fn inject(agent: &str) -> Step {
    let packdog = Packdog::start(agent);
    let span = packdog.continued();
    Box::new(move || {
        let _until_the_end = &packdog;
        let mut headers = HeaderMap::new();
        span.inject(&mut headers);
        assert_eq!(headers.len(), request::TRACE_HEADERS);
    })
}

/// A root span with seven tags, and children with three of them.
pub(crate) fn trace(agent: &str, children: usize) -> Step {
    let packdog = Packdog::start(agent);
    Box::new(move || record(packdog.0.tracer().span("http.request"), children))
}

/// The same spans by OpenTelemetry's API, with the calls that the rows of its SDK make.
pub(crate) fn api_trace(agent: &str, children: usize) -> Step {
    let packdog = Packdog::start(agent);
    let provider = TracerProvider::new();
    share_current_span();
    let scope = packdog.0.tracer().enter();
    let tracer = provider.tracer("bench");
    Box::new(move || {
        let _until_the_end = (&packdog, &scope);
        let attributes = |tags: &'static [(&'static str, &'static str)]| {
            tags.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect::<Vec<_>>()
        };
        let parent = Context::new();
        let root = tracer.span_builder("http.request").with_attributes(attributes(&ROOT_TAGS));
        let context = parent.with_span(root.start_with_context(&tracer, &parent));
        for _ in 0..children {
            let child = tracer.span_builder("users.load").with_attributes(attributes(&CHILD_TAGS));
            drop(child.start_with_context(&tracer, &context));
        }
        context.span().end();
    })
}

/// The spans that [`api_trace`] sends, by our own API: with the names that the other one derives, and
/// the tags that it adds.
pub(crate) fn same_trace(agent: &str, children: usize) -> Step {
    const NAME: &str = "internal";

    let packdog = Packdog::start(agent);
    let scope = packdog.0.tracer().enter();
    Box::new(move || {
        let _until_the_end = (&packdog, &scope);
        let mut root = packdog::span(NAME).resource("http.request");
        for (key, value) in ROOT_TAGS {
            root = root.tag(key, value);
        }
        let root = root.tag("otel.scope.name", "bench").start();
        for _ in 0..children {
            let mut child = root.child(NAME).resource("users.load");
            for (key, value) in CHILD_TAGS {
                child = child.tag(key, value);
            }
            drop(child.tag("span.kind", NAME).tag("otel.scope.name", "bench").start());
        }
    })
}

/// A root span below a parent whose trace is dropped.
pub(crate) fn dropped(agent: &str) -> Step {
    let packdog = Packdog::start(agent);
    let context = packdog.0.tracer().extract(&request::dropped());
    Box::new(move || {
        record(packdog.0.tracer().span("http.request").child_of(context.clone()), 0);
    })
}

/// The same with an Agent that leaves it to the tracer to drop traces and to compute statistics.
pub(crate) fn dropped_with_stats(agent: &str) -> Step {
    let packdog = Packdog::start(&format!("{agent}{DROPPING}"));
    let tracer = packdog.0.tracer().clone();
    let context = tracer.extract(&request::dropped());
    let record = {
        let tracer = tracer.clone();
        move || record(tracer.span("http.request").child_of(context.clone()), 0)
    };
    // The Agent's offer arrives beside the first spans.
    while tracer.metrics().sampled_out == 0 {
        record();
        let report = tracer.flush(PATIENCE);
        assert_eq!(report.dropped, 0, "{report:?}");
    }
    let sent = tracer.metrics().sent;
    Box::new(move || {
        record();
        assert_eq!(packdog.0.tracer().metrics().sent, sent);
    })
}

/// Nothing is installed, since tracing is disabled.
pub(crate) fn disabled(_: &str) -> Step {
    let guard = packdog::Config::new().with_enabled(false).init().expect("nothing to start");
    Box::new(move || {
        let _until_the_end = &guard;
        record(packdog::span("http.request"), 0);
    })
}

fn record(mut root: packdog::span::SpanBuilder, children: usize) {
    root = root.resource("GET /users/{id}");
    for (key, value) in ROOT_TAGS {
        root = root.tag(key, value);
    }
    root.in_scope(|root| {
        for _ in 0..children {
            let mut child = root.child("users.load");
            for (key, value) in CHILD_TAGS {
                child = child.tag(key, value);
            }
            drop(child.start());
        }
    });
}

pub(crate) fn active(agent: &str) -> Step {
    let packdog = Packdog::start(agent);
    let span = packdog.0.tracer().span("http.request").start();
    let scope = span.enter();
    Box::new(move || {
        let _until_the_end = (&packdog, &span, &scope);
        black_box(packdog::span::current_ids());
    })
}

pub(crate) fn recorder(agent: &str) -> Recorder {
    let packdog = Arc::new(Packdog::start(agent));
    let flushed = Arc::clone(&packdog);
    Recorder {
        record: Box::new(move || record(packdog.0.tracer().span("http.request"), 0)),
        flush: Box::new(move || _ = flushed.0.flush(PATIENCE)),
    }
}

pub(crate) fn layered(agent: &str) -> (Router, Packdog) {
    let packdog = Packdog::start(agent);
    (serve::router().layer(ServerTraceLayer::new().tracer(packdog.0.tracer())), packdog)
}

pub(crate) fn server(agent: &str, headers: HeaderMap) -> Step {
    let (app, packdog) = layered(agent);
    serve::step(app, headers, packdog)
}

pub(crate) fn tower_client(agent: &str) -> Step {
    let packdog = Packdog::start(agent);
    let layer = ClientTraceLayer::new().tracer(packdog.0.tracer());
    let service = layer.layer(call::service::<Body>(request::TRACE_HEADERS));
    let span = packdog.continued();
    let scope = span.enter();
    call::tower_step(service, (scope, span, packdog))
}

pub(crate) fn reqwest_client(agent: &str) -> Step {
    let packdog = Packdog::start(agent);
    let middleware = ClientTraceMiddleware::new().tracer(packdog.0.tracer());
    let span = packdog.continued();
    let scope = span.enter();
    let client = call::client(|client| client.with(middleware), request::TRACE_HEADERS);
    call::reqwest_step(client, (scope, span, packdog))
}

/// Encodes a trace of ten spans.
pub(crate) fn encode(_: &str) -> Step {
    let owned = |tags: &[(&str, &str)]| -> Vec<(String, TagValue<'static>)> {
        tags.iter()
            .map(|(key, value)| ((*key).to_owned(), TagValue::from(*value).into_owned()))
            .collect()
    };
    let (root_tags, child_tags) = (owned(&ROOT_TAGS), owned(&CHILD_TAGS));
    Box::new(move || {
        let span = |number: u64| WireSpan {
            service: "bench",
            name: if number == 0 { "http.request" } else { "users.load" },
            resource: "GET /users/{id}",
            span_type: "web",
            trace_id: 0x0123_4567_89ab_cdef,
            span_id: 0x1000_0000_0000_0001 + number,
            parent_id: if number == 0 { 0 } else { 0x1000_0000_0000_0001 },
            start: 1_790_000_000_000_000_000,
            duration: 1_234_567,
            is_error: false,
            tags: PlainTags(if number == 0 { &root_tags } else { &child_tags }),
            links: &[],
            events: &[],
        };
        let chunks = [(0..=CHILDREN as u64).map(span).collect()];
        drop(black_box(wire::encode(ApiVersion::V04, false, &chunks)));
    })
}
