//! A trace as a tree of text: name, resource if it differs, error mark, tags, links and events.
//!
//! The tag `component` is left out: nearly every span has it.

use crate::{
    SpanId,
    implementation::{Chunk, FinishedSpan},
    tags::COMPONENT,
};

struct Node {
    id: SpanId,
    parent: Option<SpanId>,
    start: i64,
    line: String,
}

pub(super) fn draw(chunk: &Chunk) -> String {
    let mut nodes = chunk.spans().map(|span| Node::of(&span)).collect::<Vec<_>>();
    nodes.sort_by_key(|node| node.start);
    let mut picture = String::new();
    let is_root = |node: &&Node| !nodes.iter().any(|other| Some(other.id) == node.parent);
    for root in nodes.iter().filter(is_root) {
        picture += &format!("{}\n", root.line);
        draw_below(root, &nodes, "", &mut picture);
    }
    picture
}

fn draw_below(parent: &Node, nodes: &[Node], indent: &str, picture: &mut String) {
    let mut children = nodes.iter().filter(|node| node.parent == Some(parent.id)).peekable();
    while let Some(child) = children.next() {
        let (branch, below) =
            if children.peek().is_some() { ("├─ ", "│  ") } else { ("└─ ", "   ") };
        *picture += &format!("{indent}{branch}{}\n", child.line);
        draw_below(child, nodes, &format!("{indent}{below}"), picture);
    }
}

impl Node {
    fn of(span: &FinishedSpan<'_>) -> Self {
        let mut line = span.name().to_owned();
        if span.resource() != span.name() {
            line += &format!("  {}", span.resource());
        }
        if span.is_error() {
            line += "  ERROR";
        }
        for (key, value) in span.tags().filter(|(key, _)| *key != COMPONENT) {
            line += &match value.as_str() {
                Some(text) => format!("  {key}={text:?}"),
                None => format!("  {key}={}", value.as_f64().unwrap()),
            };
        }
        for link in span.links() {
            line += &format!("  -> {}", link.span_id());
        }
        for event in span.events() {
            let attributes = event.attributes().collect::<Vec<_>>();
            line += &format!("  event {:?} {attributes:?}", event.name());
        }
        Self { id: span.span_id(), parent: span.parent_id(), start: span.start(), line }
    }
}
