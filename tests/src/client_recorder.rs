//! A tracer that keeps finished spans, and injects headers that tests can read at a glance.
//!
//! ```text
//! x-trail: <trace id> "-" <span id>      x-trail-baggage-<key>: <value>
//! ```
//! Beside them it writes the real ones, if it is told to.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use packdog::{
    SpanContext, SpanId, TagValue, TraceId, Tracer,
    carrier::{Carrier, CarrierMut},
    http::HttpConfig,
    implementation::{self, Chunk, FinishedSpan, Settings, TraceStart, TracerParts},
    propagation::Propagator,
};

/// The header that names trace and span.
pub const TRAIL: &str = "x-trail";
/// The prefix of the headers of the baggage.
pub const TRAIL_BAGGAGE: &str = "x-trail-baggage-";

/// The spans that were finished under one tracer.
#[derive(Debug)]
pub struct Recorder {
    settings: Arc<Settings>,
    chunks: Mutex<Vec<Chunk>>,
    warnings: Mutex<Vec<String>>,
}

/// A finished span as plain data.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The trace.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// Its parent.
    pub parent_id: Option<SpanId>,
    /// The operation name.
    pub name: String,
    /// The service.
    pub service: String,
    /// The resource.
    pub resource: String,
    /// The type.
    pub span_type: String,
    /// Whether it is an error.
    pub is_error: bool,
    /// Its tags.
    pub tags: BTreeMap<String, TagValue>,
}

impl Recorded {
    fn of(trace_id: TraceId, span: &FinishedSpan<'_>) -> Self {
        Self {
            trace_id,
            span_id: span.span_id(),
            parent_id: span.parent_id(),
            name: span.name().to_owned(),
            service: span.service().to_owned(),
            resource: span.resource().to_owned(),
            span_type: span.span_type().to_owned(),
            is_error: span.is_error(),
            tags: span.tags().map(|(key, value)| (key.to_owned(), value.clone())).collect(),
        }
    }

    /// A tag that is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.tags.get(key)?.as_str()
    }

    /// A tag that is a number.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.tags.get(key)?.as_f64()
    }

    /// What the header says that was injected from this span.
    pub fn trail(&self) -> String {
        format!("{}-{}", self.trace_id, self.span_id)
    }
}

impl Recorder {
    /// A tracer, and what it records.
    pub fn new() -> (Tracer, Arc<Self>) {
        Self::with(HttpConfig::default(), None)
    }

    /// One that also writes the headers which packdog writes by default.
    pub fn with_headers() -> (Tracer, Arc<Self>) {
        Self::with(HttpConfig::default(), Some(Propagator::default()))
    }

    /// One with a configuration of HTTP.
    pub fn with_config(http: HttpConfig) -> (Tracer, Arc<Self>) {
        Self::with(http, None)
    }

    fn with(http: HttpConfig, propagator: Option<Propagator>) -> (Tracer, Arc<Self>) {
        let recorder = Arc::new(Self {
            settings: Arc::new(Settings::new("users")),
            chunks: Mutex::default(),
            warnings: Mutex::default(),
        });
        let parts = TracerParts::new(Arc::clone(&recorder))
            .propagator(Arc::new(TrailHeaders(propagator)))
            .extension(Arc::new(http));
        (parts.build(), recorder)
    }

    /// What the application was warned of, in order.
    #[expect(clippy::unwrap_used, reason = "in a test, a poisoned lock is the end")]
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap().clone()
    }

    /// All spans that have left so far: those of traces without an open span.
    #[expect(clippy::unwrap_used, reason = "in a test, a poisoned lock is the end")]
    pub fn spans(&self) -> Vec<Recorded> {
        let chunks = self.chunks.lock().unwrap();
        let of_chunk = |chunk: &Chunk| {
            let id = chunk.trace_id();
            chunk.spans().map(|span| Recorded::of(id, &span)).collect::<Vec<_>>()
        };
        chunks.iter().flat_map(of_chunk).collect()
    }

    /// The only span that has left.
    #[expect(clippy::panic, reason = "in a test, another number of spans is the end")]
    pub fn only_span(&self) -> Recorded {
        let mut spans = self.spans();
        match (spans.pop(), spans.len()) {
            (Some(span), 0) => span,
            (_, others) => panic!("one span wanted, beside it there are {others}"),
        }
    }
}

impl implementation::Recorder for Recorder {
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        Some(TraceStart::new(Arc::clone(&self.settings)))
    }

    #[expect(clippy::unwrap_used, reason = "in a test, a poisoned lock is the end")]
    fn warn(&self, message: &dyn fmt::Display) {
        self.warnings.lock().unwrap().push(message.to_string());
    }

    #[expect(clippy::unwrap_used, reason = "in a test, a poisoned lock is the end")]
    fn collect(&self, chunk: Chunk) {
        self.chunks.lock().unwrap().push(chunk);
    }
}

/// Writes the readable headers, and the real ones if it has a propagator for them.
#[derive(Debug)]
struct TrailHeaders(Option<Propagator>);

impl implementation::Propagator for TrailHeaders {
    fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        self.0.as_ref().map(|real| real.extract(carrier)).unwrap_or_default()
    }

    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str> {
        if let Some(propagator) = &self.0 {
            propagator.inject(context, carrier);
        }
        if let (Some(trace), Some(span)) = (context.trace_id(), context.span_id()) {
            carrier.set(TRAIL, &format!("{trace}-{span}"));
        }
        for (key, value) in context.baggage().iter() {
            carrier.set(&format!("{TRAIL_BAGGAGE}{key}"), value);
        }
        None
    }
}
