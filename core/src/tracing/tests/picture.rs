//! A line for each span: name, resource if it differs, error mark, tags, links and events.
//!
//! The tag `component` is left out: nearly every span has it.

use crate::{
    tags::COMPONENT,
    test_util::{CollectedSpan, CollectedTrace, picture::tree},
};

pub(super) fn draw(trace: &CollectedTrace) -> String {
    tree(&trace.spans, |span, _| line(span))
}

fn line(span: &CollectedSpan) -> String {
    let mut line = span.name.clone();
    if span.resource != span.name {
        line += &format!("  {}", span.resource);
    }
    if span.is_error {
        line += "  ERROR";
    }
    for (key, value) in span.tags.iter().filter(|(key, _)| *key != COMPONENT) {
        line += &match value.as_str() {
            Some(text) => format!("  {key}={text:?}"),
            None => format!("  {key}={}", value.as_f64().unwrap()),
        };
    }
    for link in &span.links {
        line += &format!("  -> {}", link.span_id());
    }
    for event in &span.events {
        let attributes = event.attributes().collect::<Vec<_>>();
        line += &format!("  event {:?} {attributes:?}", event.name());
    }
    line
}
