//! Spans as ddapm-test-agent returns them, in structs of their own, which share no mistake with an encoder.

use std::collections::BTreeMap;

use packdog_dev_agent::{Chunk, Trace};
use serde::Deserialize;

/// A span of the v0.4 wire format, as JSON.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub struct Span {
    /// The service that made it.
    pub service: String,
    /// The operation name.
    pub name: String,
    /// The resource name.
    pub resource: String,
    /// The low 64 bits; the high ones are the tag `_dd.p.tid` of the first span of a chunk.
    pub trace_id: u64,
    /// Its own id.
    pub span_id: u64,
    /// The span above; 0 is none.
    #[serde(default)]
    pub parent_id: u64,
    /// Nanoseconds since the Unix epoch.
    pub start: i64,
    /// Nanoseconds.
    pub duration: i64,
    /// 1 for a span with an error, else 0.
    #[serde(default)]
    pub error: i32,
    /// Tags with text.
    #[serde(default)]
    pub meta: BTreeMap<String, String>,
    /// Tags with a number.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    /// The kind of work, such as `web` or `http`.
    #[serde(default, rename = "type")]
    pub span_type: Option<String>,
    /// Other spans that it refers to.
    #[serde(default)]
    pub span_links: Vec<SpanLink>,
    /// The span's events, if the tracer sent them as a field and not as a tag.
    #[serde(default)]
    pub span_events: Vec<serde_json::Value>,
}

/// A link to a span of another trace.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub struct SpanLink {
    /// The low 64 bits.
    pub trace_id: u64,
    /// The high 64 bits.
    #[serde(default)]
    pub trace_id_high: u64,
    /// The span that is linked.
    pub span_id: u64,
    /// The reason, and any other attributes.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The linked context's `tracestate` header.
    #[serde(default)]
    pub tracestate: String,
    /// The linked context's trace flags.
    #[serde(default)]
    pub flags: u32,
}

impl Span {
    /// The tag `key` with text.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.meta.get(key).map(String::as_str)
    }

    /// The tag `key` with a number.
    #[must_use]
    pub fn metric(&self, key: &str) -> Option<f64> {
        self.metrics.get(key).copied()
    }
}

/// Returns the trace as a tree, drawn by the Agent for development; ids and times left out.
///
/// ```
/// use packdog_tests::peers::{Span, picture};
///
/// let root = Span { name: "web".into(), resource: "GET /".into(), service: "shop".into(), span_id: 1, ..Span::default() };
/// let call = Span { name: "http".into(), resource: "GET".into(), service: "shop".into(), span_id: 2, parent_id: 1, ..Span::default() };
/// assert_eq!(picture(&[call, root]), "web  GET /  service=shop\n└─ http  GET\n");
/// ```
#[must_use]
pub fn picture(spans: &[Span]) -> String {
    let spans = spans.iter().map(Span::for_picture).collect();
    let trace = Trace { trace_id: 0, chunks: vec![Chunk { trace_id: 0, spans }] };
    trace.picture() + "\n"
}

impl Span {
    /// The part of the span that a picture shows.
    fn for_picture(&self) -> packdog_dev_agent::Span {
        packdog_dev_agent::Span {
            service: self.service.clone(),
            name: self.name.clone(),
            resource: self.resource.clone(),
            span_id: self.span_id,
            parent_id: self.parent_id,
            start: self.start,
            error: self.error,
            meta: self.meta.clone(),
            ..packdog_dev_agent::Span::default()
        }
    }
}
