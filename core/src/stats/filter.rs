//! The filters of the Datadog Agent: traces that it would drop count in no statistics.
//!
//! A filter looks at the root of a trace. Rejecting filters are tried before requiring ones, and a
//! pattern that is no regular expression is left out, as the Agent does it.

use regex::bytes::{Regex, RegexBuilder};

use super::StatsInfo;
use crate::sampling::SpanView;

/// Decides whether the Agent would drop a trace.
#[derive(Debug, Default)]
pub(super) struct TraceFilter {
    rejected: Vec<TagFilter>,
    required: Vec<TagFilter>,
    ignored_resources: Vec<Regex>,
}

/// A tag of this key, with any value or one that matches.
#[derive(Debug)]
struct TagFilter {
    key: String,
    value: Option<Value>,
}

#[derive(Debug)]
enum Value {
    Text(String),
    Pattern(Regex),
}

impl TraceFilter {
    pub(super) fn new(info: &StatsInfo) -> Self {
        let (required, rejected) = info.filter_tags();
        let (required_patterns, rejected_patterns) = info.filter_tags_regex();
        let filters = |texts: &[String], patterns: &[String]| {
            let texts = texts.iter().filter_map(|text| TagFilter::new(text, text_value));
            let patterns = patterns.iter().filter_map(|text| TagFilter::new(text, pattern_value));
            texts.chain(patterns).collect()
        };
        let ignored = info.ignore_resources().iter();
        Self {
            rejected: filters(rejected, rejected_patterns),
            required: filters(required, required_patterns),
            ignored_resources: ignored.filter_map(|pattern| regex(pattern)).collect(),
        }
    }

    /// Whether there is nothing to filter by.
    pub(super) fn is_empty(&self) -> bool {
        self.rejected.is_empty() && self.required.is_empty() && self.ignored_resources.is_empty()
    }

    /// Whether the Agent would drop the trace with this root.
    pub(super) fn drops(&self, root: &SpanView<'_>) -> bool {
        self.rejected.iter().any(|filter| filter.matches(root))
            || !self.required.iter().all(|filter| filter.matches(root))
            || self.ignored_resources.iter().any(|re| re.is_match(root.resource().as_bytes()))
    }
}

impl TagFilter {
    /// Reads `key:value` or `key`; `None` without a key, and for a value that cannot be used.
    fn new(text: &str, value: fn(&str) -> Option<Value>) -> Option<Self> {
        let (key, text) = text.split_once(':').unwrap_or((text, ""));
        let (key, text) = (key.trim(), text.trim());
        let value = if text.is_empty() { None } else { Some(value(text)?) };
        (!key.is_empty()).then(|| Self { key: key.to_owned(), value })
    }

    fn matches(&self, root: &SpanView<'_>) -> bool {
        root.text(&self.key).is_some_and(|found| match &self.value {
            None => true,
            Some(Value::Text(expected)) => found == expected,
            Some(Value::Pattern(pattern)) => pattern.is_match(found.as_bytes()),
        })
    }
}

fn text_value(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

fn pattern_value(text: &str) -> Option<Value> {
    regex(text).map(Value::Pattern)
}

/// Classes such as `\w` mean ASCII, as they do in the Agent's language.
fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}
