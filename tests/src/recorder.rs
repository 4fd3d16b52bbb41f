//! A tracer for tests: it keeps finished spans as plain data, and draws them as a tree.
//!
//! Between services it speaks two headers of its own, so that tests need no real propagation:
//! `toy-trace: <32 hex>-<16 hex>` and `toy-baggage: key=value;key=value`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use packdog_api::{
    Baggage, SpanContext, SpanId, SpanLink, TraceId, Tracer,
    carrier::{Carrier, CarrierMut},
    implementation::{self, Chunk, FinishedSpan, Propagator, Settings, TraceStart, TracerParts},
};
use tokio::sync::Notify;

/// How long a test waits for spans before it fails: far longer than they ever take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keeps what is collected.
#[derive(Debug)]
pub struct Recorder {
    settings: Arc<Settings>,
    traces: Mutex<Vec<RecordedTrace>>,
    collected: Notify,
}

/// The spans of one chunk, the root first.
#[derive(Clone, Debug)]
pub struct RecordedTrace {
    /// The id that all spans share.
    pub trace_id: TraceId,
    /// At least one span.
    pub spans: Vec<RecordedSpan>,
}

/// One finished span.
#[derive(Clone, Debug)]
pub struct RecordedSpan {
    /// The id of the span.
    pub span_id: SpanId,
    /// The parent, local or remote.
    pub parent_id: Option<SpanId>,
    /// The operation name.
    pub name: String,
    /// The service.
    pub service: String,
    /// The resource.
    pub resource: String,
    /// The type.
    pub span_type: String,
    /// Whether it is marked as an error.
    pub is_error: bool,
    /// The tags; numbers as texts.
    pub tags: BTreeMap<String, String>,
    /// The spans that it links to.
    pub links: Vec<SpanId>,
}

impl Recorder {
    /// A tracer of this service, and the recorder behind it.
    pub fn start(service: &str) -> (Tracer, Arc<Self>) {
        let recorder = Arc::new(Self {
            settings: Arc::new(Settings::new(service)),
            traces: Mutex::default(),
            collected: Notify::new(),
        });
        let parts = TracerParts::new(Arc::clone(&recorder)).propagator(Arc::new(ToyHeaders));
        (parts.build(), recorder)
    }

    /// What has been collected up to now.
    pub fn collected(&self) -> Vec<RecordedTrace> {
        self.traces.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until `count` traces have finished, and gives them.
    ///
    /// # Panics
    /// They do not finish.
    pub async fn traces(&self, count: usize) -> Vec<RecordedTrace> {
        let all = tokio::time::timeout(PATIENCE, async {
            loop {
                let notified = self.collected.notified();
                let traces = self.collected();
                if traces.len() >= count {
                    return traces;
                }
                notified.await;
            }
        });
        let all = all.await;
        assert!(all.is_ok(), "waited for {count} traces, there are {:?}", self.collected());
        all.unwrap_or_default()
    }

    /// Waits for the first trace, which has one span, and gives that.
    ///
    /// # Panics
    /// There is another trace, or another span.
    #[expect(clippy::panic, reason = "that is how a test fails")]
    pub async fn only_span(&self) -> RecordedSpan {
        let traces = self.traces(1).await;
        let spans: Vec<_> = traces.into_iter().flat_map(|trace| trace.spans).collect();
        let [span] = <[RecordedSpan; 1]>::try_from(spans)
            .unwrap_or_else(|spans| panic!("not one span: {spans:?}"));
        span
    }
}

impl implementation::Recorder for Recorder {
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        Some(TraceStart::new(Arc::clone(&self.settings)))
    }

    fn collect(&self, mut chunk: Chunk) {
        chunk.sort();
        let trace = RecordedTrace {
            trace_id: chunk.trace_id(),
            spans: chunk.spans().map(|span| RecordedSpan::of(&span)).collect(),
        };
        self.traces.lock().unwrap_or_else(PoisonError::into_inner).push(trace);
        self.collected.notify_waiters();
    }
}

/// Reads and writes the two headers.
#[derive(Debug)]
struct ToyHeaders;

impl Propagator for ToyHeaders {
    fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        let mut context = SpanContext::new();
        carrier.for_each(&mut |name, value| {
            let value = std::str::from_utf8(value).unwrap_or_default();
            match name {
                "toy-trace" => context = with_toy_trace(context.clone(), value),
                "toy-baggage" => {
                    let items = value.split(';').filter_map(|item| item.split_once('='));
                    context = context.clone().with_baggage(items.collect::<Baggage>());
                }
                _ => {}
            }
        });
        context
    }

    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str> {
        if let (Some(trace), Some(span)) = (context.trace_id(), context.span_id()) {
            carrier.set("toy-trace", &format!("{trace}-{span}"));
        }
        let items = context.baggage().iter().map(|(key, value)| format!("{key}={value}"));
        carrier.set("toy-baggage", &items.collect::<Vec<_>>().join(";"));
        None
    }
}

fn with_toy_trace(context: SpanContext, header: &str) -> SpanContext {
    let ids = header.split_once('-').and_then(|(trace, span)| {
        let trace = TraceId::new(u128::from_str_radix(trace, 16).ok()?)?;
        Some((trace, SpanId::new(u64::from_str_radix(span, 16).ok()?)?))
    });
    match ids {
        Some((trace, span)) => context.with_trace(trace, span),
        None => context,
    }
}

impl RecordedSpan {
    fn of(span: &FinishedSpan<'_>) -> Self {
        let tags = span.tags().map(|(key, value)| {
            let text = value.as_str().map(str::to_owned);
            (key.to_owned(), text.or(value.as_f64().map(|n| n.to_string())).unwrap_or_default())
        });
        Self {
            span_id: span.span_id(),
            parent_id: span.parent_id(),
            name: span.name().to_owned(),
            service: span.service().to_owned(),
            resource: span.resource().to_owned(),
            span_type: span.span_type().to_owned(),
            is_error: span.is_error(),
            tags: tags.collect(),
            links: span.links().iter().map(SpanLink::span_id).collect(),
        }
    }

    /// The value of a tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.get(key).map(String::as_str)
    }
}

impl RecordedTrace {
    /// The trace as a tree, ids and times left out.
    ///
    /// The service stands where it changes, `error` on spans that are marked as one.
    pub fn picture(&self) -> String {
        let mut picture = String::new();
        for root in &self.spans {
            if !self.spans.iter().any(|other| Some(other.span_id) == root.parent_id) {
                self.draw(root, None, "", "", &mut picture);
            }
        }
        picture
    }

    /// Draws a span and its children; `first` leads to the span, `rest` goes on below it.
    fn draw(
        &self,
        span: &RecordedSpan,
        service_above: Option<&str>,
        first: &str,
        rest: &str,
        picture: &mut String,
    ) {
        let mut line = format!("{first}{}  {}", span.name, span.resource);
        for (label, key) in [("", "http.status_code"), ("kind=", "span.kind")] {
            if let Some(value) = span.tag(key) {
                line += &format!("  {label}{value}");
            }
        }
        if service_above != Some(&span.service) {
            line += &format!("  service={}", span.service);
        }
        *picture += &line;
        *picture += if span.is_error { "  error\n" } else { "\n" };
        let is_child = |child: &&RecordedSpan| child.parent_id == Some(span.span_id);
        let mut children = self.spans.iter().filter(is_child).peekable();
        while let Some(child) = children.next() {
            let is_last = children.peek().is_none();
            let (first, next) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let (first, next) = (format!("{rest}{first}"), format!("{rest}{next}"));
            self.draw(child, Some(&span.service), &first, &next, picture);
        }
    }
}
