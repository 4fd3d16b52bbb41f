//! A trace as a tree of text lines.
//!
//! ```text
//! root label
//! ├─ child label        branch: "├─ "
//! │  └─ grandchild      branch: "│  └─ "
//! └─ child label
//! ```
//! Every trace can be drawn: a span without a known parent is a root, of a circle of parents the earliest span
//! is one, and a span sent twice is drawn twice, its children once.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

use crate::{
    model::{Span, Trace},
    tags,
};

/// Levels that are indented; deeper ones stay at this depth, since each line repeats the indentation of all levels above.
const MAX_INDENTED_LEVELS: usize = 100;

/// One line of the picture.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) branch: String,
    pub(crate) label: String,
    /// Number of ancestors in the picture.
    pub(crate) depth: usize,
    pub(crate) span: &'a Span,
}

impl Trace {
    /// Draws the spans as a tree, one line per span; ids and times are left out, so that tests can compare it.
    ///
    /// A line has the operation name, the resource if it differs, the HTTP status, `error=` with the error's type,
    /// `kind=`, and `service=` where it differs from the parent's. Children are in order of their start. A span whose
    /// parent was not received is drawn as a root. The last line has no line feed.
    ///
    /// ```text
    /// http.request  GET /users/{id}  200  kind=server  service=users
    /// └─ http.request  GET billing/invoices  200  kind=client
    ///    └─ http.request  GET /invoices  200  kind=server  service=billing
    /// ```
    pub fn picture(&self) -> String {
        let lines: Vec<String> =
            lines(self).iter().map(|line| format!("{}{}", line.branch, line.label)).collect();
        lines.join("\n")
    }
}

pub(crate) fn lines(trace: &Trace) -> Vec<Line<'_>> {
    let mut spans: Vec<(usize, &Span)> = trace.spans().enumerate().collect();
    spans.sort_by_key(|(_, span)| span.start);
    let known: HashSet<u64> = spans.iter().map(|(_, span)| span.span_id).collect();
    let (roots, children): (Vec<_>, Vec<_>) = spans
        .iter()
        .partition(|(_, span)| span.parent_id == span.span_id || !known.contains(&span.parent_id));

    let mut tree = Tree { children: HashMap::new(), drawn: HashSet::new(), lines: Vec::new() };
    for (index, span) in children {
        tree.children.entry(span.parent_id).or_default().push((index, span));
    }
    // After the roots only circles are left.
    for (index, span) in roots.into_iter().chain(spans) {
        tree.draw_root(index, span);
    }
    tree.lines
}

struct Tree<'a> {
    /// By the id of the parent; taken out when the parent is drawn.
    children: HashMap<u64, Vec<(usize, &'a Span)>>,
    drawn: HashSet<usize>,
    lines: Vec<Line<'a>>,
}

/// A span that is next to be drawn.
struct Pending<'a> {
    index: usize,
    span: &'a Span,
    parent: Option<&'a Span>,
    branch: String,
    /// The prefix of its children's branches.
    indentation: String,
    level: usize,
}

impl<'a> Tree<'a> {
    /// Draws a span and all below it, with a stack of our own: a trace may be deeper than a thread's stack.
    fn draw_root(&mut self, index: usize, span: &'a Span) {
        let (branch, indentation) = (String::new(), String::new());
        let mut stack = vec![Pending { index, span, parent: None, branch, indentation, level: 0 }];
        while let Some(next) = stack.pop() {
            if !self.drawn.insert(next.index) {
                continue;
            }
            let below = self.below(&next);
            stack.extend(below.into_iter().rev());
            let label = label(next.span, next.parent);
            let Pending { branch, level: depth, span, .. } = next;
            self.lines.push(Line { branch, label, depth, span });
        }
    }

    fn below(&mut self, parent: &Pending<'a>) -> Vec<Pending<'a>> {
        let mut children = self.children.remove(&parent.span.span_id).unwrap_or_default();
        children.retain(|(index, _)| !self.drawn.contains(index));
        let last = children.last().map(|(index, _)| *index);
        let child = |(index, span): (usize, &'a Span)| {
            let (fork, rail) =
                if Some(index) == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let rail = if parent.level < MAX_INDENTED_LEVELS { rail } else { "" };
            let branch = format!("{}{fork}", parent.indentation);
            let indentation = format!("{}{rail}", parent.indentation);
            Pending {
                index,
                span,
                parent: Some(parent.span),
                branch,
                indentation,
                level: parent.level + 1,
            }
        };
        children.into_iter().map(child).collect()
    }
}

fn label(span: &Span, parent: Option<&Span>) -> String {
    let mut parts = vec![span.name.clone()];
    if span.resource != span.name {
        parts.push(span.resource.clone());
    }
    parts.extend(span.meta.get(tags::HTTP_STATUS_CODE).cloned());
    if span.error != 0 {
        let kind = span.meta.get(tags::ERROR_TYPE).filter(|kind| !kind.is_empty());
        parts.push(format!("error={}", kind.map_or("true", String::as_str)));
    }
    parts.extend(span.meta.get(tags::SPAN_KIND).map(|kind| format!("kind={kind}")));
    if parent.is_none_or(|parent| parent.service != span.service) {
        parts.push(format!("service={}", span.service));
    }
    printable(&parts.join("  "))
}

/// Escapes line feeds, which would break the tree, and terminal sequences.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            let _ = write!(out, "{}", character.escape_default()); // Writing to a `String` cannot fail.
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests;
