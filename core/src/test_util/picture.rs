//! Traces as trees, without ids and times: texts for assertions and snapshots.
//!
//! ```text
//! http.request  GET /users/{id}  200  kind=server  service=users
//! └─ http.request  GET  404  error  kind=client
//! ```
//! The resource is shown if it differs from the name, the service if it differs from the parent's,
//! and further tags if the caller lists them.

use super::{CollectedSpan, CollectedTrace};
use crate::{
    span::{SpanId, TagValue},
    tags::{SPAN_KIND, error, http},
};

impl CollectedTrace {
    /// Returns the trace as a tree, without ids and times; one line per span.
    pub fn picture(&self) -> String {
        picture(&self.spans, &[])
    }
}

/// Draws spans with these tags.
pub(super) fn picture(spans: &[CollectedSpan], tags: &[&str]) -> String {
    tree(spans, |span, parent| line(span, parent, tags))
}

/// Draws a line for each span, below that of its parent; spans without a known parent are roots.
///
/// Spans with the same parent keep their order.
pub(crate) fn tree(
    spans: &[CollectedSpan],
    line: impl Fn(&CollectedSpan, Option<&CollectedSpan>) -> String,
) -> String {
    let mut tree = Tree { spans, line, picture: String::new() };
    let is_known = |id: SpanId| spans.iter().any(|span| span.span_id == id);
    for root in spans.iter().filter(|span| !span.parent_id.is_some_and(is_known)) {
        tree.draw(root, None, ("", ""));
    }
    tree.picture
}

struct Tree<'a, L> {
    spans: &'a [CollectedSpan],
    line: L,
    picture: String,
}

impl<'a, L: Fn(&CollectedSpan, Option<&CollectedSpan>) -> String> Tree<'a, L> {
    /// `first` is the prefix of the span's line; `rest` that of the lines below it.
    fn draw(
        &mut self,
        span: &'a CollectedSpan,
        parent: Option<&CollectedSpan>,
        (first, rest): (&str, &str),
    ) {
        self.picture += first;
        self.picture += &(self.line)(span, parent);
        self.picture.push('\n');
        let spans = self.spans;
        let mut children =
            spans.iter().filter(|child| child.parent_id == Some(span.span_id)).peekable();
        while let Some(child) = children.next() {
            let (branch, below) =
                if children.peek().is_some() { ("├─ ", "│  ") } else { ("└─ ", "   ") };
            self.draw(child, Some(span), (&format!("{rest}{branch}"), &format!("{rest}{below}")));
        }
    }
}

fn line(span: &CollectedSpan, parent: Option<&CollectedSpan>, tags: &[&str]) -> String {
    let mut line = span.name.clone();
    let mut add = |text: &str| {
        line.push_str("  ");
        line.push_str(text);
    };
    if span.resource != span.name {
        add(&span.resource);
    }
    if let Some(status) = span.text(http::STATUS_CODE) {
        add(status);
    }
    if span.is_error {
        add(&span.text(error::TYPE).map_or("error".to_owned(), |kind| format!("error={kind}")));
    }
    if let Some(kind) = span.text(SPAN_KIND) {
        add(&format!("kind={kind}"));
    }
    if parent.is_none_or(|parent| parent.service != span.service) {
        add(&format!("service={}", span.service));
    }
    for (key, value) in tags.iter().filter_map(|key| span.tags.get_key_value(*key)) {
        add(&format!("{key}={}", text(value)));
    }
    line
}

fn text(value: &TagValue<'_>) -> String {
    let number = || value.as_f64().map(|number| number.to_string());
    value.as_str().map(str::to_owned).or_else(number).unwrap_or_default()
}
