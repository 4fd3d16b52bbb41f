//! Traces as trees, without ids and times: texts fit for assertions and snapshots.
//!
//! ```text
//! http.request  GET /users/{id}  200  kind=server  service=users
//! └─ http.request  GET  404  error  kind=client
//! ```
//! The resource stands where it is not the name, the service where it is not that of the parent,
//! further tags where they are asked for.

use super::CollectedSpan;
use crate::{SpanId, TagValue, tags};

/// All spans below those whose parent is not among them, in the order of their start.
pub(super) fn picture(spans: &[CollectedSpan], tags: &[&str]) -> String {
    let mut picture = String::new();
    let all = All { spans, tags };
    let is_known = |id: SpanId| spans.iter().any(|span| span.span_id == id);
    for root in spans.iter().filter(|span| !span.parent_id.is_some_and(is_known)) {
        draw(root, None, &all, ("", ""), &mut picture);
    }
    picture
}

/// The spans of the picture, and the tags that it shows.
struct All<'a> {
    spans: &'a [CollectedSpan],
    tags: &'a [&'a str],
}

/// `first` leads to the span; `rest` goes on below it.
fn draw(
    span: &CollectedSpan,
    service_above: Option<&str>,
    all: &All<'_>,
    (first, rest): (&str, &str),
    picture: &mut String,
) {
    picture.push_str(first);
    picture.push_str(&line(span, service_above, all.tags));
    picture.push('\n');
    let mut children =
        all.spans.iter().filter(|child| child.parent_id == Some(span.span_id)).peekable();
    while let Some(child) = children.next() {
        let (branch, below) =
            if children.peek().is_some() { ("├─ ", "│  ") } else { ("└─ ", "   ") };
        let lead = (&*format!("{rest}{branch}"), &*format!("{rest}{below}"));
        draw(child, Some(&span.service), all, lead, picture);
    }
}

fn line(span: &CollectedSpan, service_above: Option<&str>, tags_asked: &[&str]) -> String {
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
    for (key, value) in tags_asked.iter().filter_map(|key| span.tags.get_key_value(*key)) {
        add(&format!("{key}={}", text(value)));
    }
    line
}

fn text(value: &TagValue) -> String {
    let number = || value.as_f64().map(|number| number.to_string());
    value.as_str().map(str::to_owned).or_else(number).unwrap_or_default()
}
