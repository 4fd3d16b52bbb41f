//! Spans as ddapm-test-agent gives them back, in structs of their own: they share no mistake with an encoder.

use std::collections::BTreeMap;

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
    /// What kind of work, such as `web` or `http`.
    #[serde(default, rename = "type")]
    pub span_type: Option<String>,
    /// Other spans that it refers to.
    #[serde(default)]
    pub span_links: Vec<SpanLink>,
    /// What happened within it, where the tracer sent that as a field and not as a tag.
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
    /// Why, and whatever else.
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

/// The trace as a tree, children by their start, one span per line; ids and times left out.
///
/// A span whose parent is not among `spans` stands at the left.
///
/// ```
/// use packdog_tests::peers::{Span, picture};
///
/// let root = Span { name: "web".into(), resource: "GET /".into(), service: "shop".into(), span_id: 1, ..Span::default() };
/// let call = Span { name: "http".into(), resource: "GET".into(), service: "shop".into(), span_id: 2, parent_id: 1, ..Span::default() };
/// assert_eq!(picture(&[call, root]), "web  GET /  service=shop\n└─ http  GET  service=shop\n");
/// ```
#[must_use]
pub fn picture(spans: &[Span]) -> String {
    let mut text = String::new();
    let mut tops: Vec<_> = spans
        .iter()
        .filter(|span| spans.iter().all(|other| other.span_id != span.parent_id))
        .collect();
    tops.sort_by_key(|span| span.start);
    for top in tops {
        draw(top, spans, "", "", &mut text);
    }
    text
}

/// One span behind `branch`, and those below it behind `margin`.
fn draw(span: &Span, spans: &[Span], branch: &str, margin: &str, text: &mut String) {
    *text += &format!("{branch}{}  {}", span.name, span.resource);
    if let Some(status) = span.tag("http.status_code") {
        *text += &format!("  {status}");
    }
    if let Some(kind) = span.tag("span.kind") {
        *text += &format!("  kind={kind}");
    }
    *text += &format!("  service={}\n", span.service);
    let mut children: Vec<_> =
        spans.iter().filter(|child| child.parent_id == span.span_id).collect();
    children.sort_by_key(|child| child.start);
    let last = children.len().saturating_sub(1);
    for (index, child) in children.into_iter().enumerate() {
        let (corner, line) = if index == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        draw(child, spans, &format!("{margin}{corner}"), &format!("{margin}{line}"), text);
    }
}
