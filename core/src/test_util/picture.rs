//! Traces as trees, without ids and times: texts fit for assertions and snapshots.
//!
//! ```text
//! http.request  GET /users/{id}  200  kind=server  service=users
//! └─ http.request  GET  404  error  kind=client
//! ```
//! The resource stands where it is not the name, the service where it is not that of the parent.

use super::CollectedSpan;
use crate::{SpanId, tags};

/// All spans below those whose parent is not among them, in the order of their start.
pub(super) fn picture(spans: &[CollectedSpan]) -> String {
    let mut picture = String::new();
    let is_known = |id: SpanId| spans.iter().any(|span| span.span_id == id);
    for root in spans.iter().filter(|span| !span.parent_id.is_some_and(is_known)) {
        draw(root, None, spans, ("", ""), &mut picture);
    }
    picture
}

/// `first` leads to the span; `rest` goes on below it.
fn draw(
    span: &CollectedSpan,
    service_above: Option<&str>,
    spans: &[CollectedSpan],
    (first, rest): (&str, &str),
    picture: &mut String,
) {
    picture.push_str(first);
    picture.push_str(&line(span, service_above));
    picture.push('\n');
    let mut children =
        spans.iter().filter(|child| child.parent_id == Some(span.span_id)).peekable();
    while let Some(child) = children.next() {
        let (branch, below) =
            if children.peek().is_some() { ("├─ ", "│  ") } else { ("└─ ", "   ") };
        let lead = (&*format!("{rest}{branch}"), &*format!("{rest}{below}"));
        draw(child, Some(&span.service), spans, lead, picture);
    }
}

fn line(span: &CollectedSpan, service_above: Option<&str>) -> String {
    let mut line = span.name.clone();
    let mut add = |text: &str| {
        line.push_str("  ");
        line.push_str(text);
    };
    if span.resource != span.name {
        add(&span.resource);
    }
    if let Some(status) = span.text(tags::http::STATUS_CODE) {
        add(status);
    }
    if span.is_error {
        add(&span
            .text(tags::error::TYPE)
            .map_or("error".to_owned(), |kind| format!("error={kind}")));
    }
    if let Some(kind) = span.text(tags::SPAN_KIND) {
        add(&format!("kind={kind}"));
    }
    if service_above != Some(&span.service) {
        add(&format!("service={}", span.service));
    }
    line
}
