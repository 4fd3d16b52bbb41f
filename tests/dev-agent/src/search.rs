//! A search among traces: words and conditions, separated by spaces, that one span of the trace fulfils together.
//!
//! ```text
//! users               name, resource, service or trace id contains it
//! service:users       also name: resource: type: id:
//! http.method:GET     a tag has this value; key:* has any
//! error               the span failed
//! duration>10ms       also < ; ns, us, ms, s
//! "GET /users"        quotes keep spaces; also service:"my users"
//! ```
//! Texts match in any case and anywhere in the value, tags of `key:value` as well.

use crate::{Span, Trace};

/// The terms of a search; empty matches every trace.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Search(Vec<Term>);

#[derive(Debug, PartialEq)]
enum Term {
    Word(String),
    Service(String),
    Name(String),
    Resource(String),
    Type(String),
    Id(String),
    Tag { key: String, value: String },
    HasTag(String),
    Error,
    LongerThan(f64),
    ShorterThan(f64),
}

impl Search {
    /// Reads a search; a condition that cannot be read is a word.
    pub(crate) fn parse(text: &str) -> Self {
        Self(words(text).into_iter().map(|word| Term::parse(&word)).collect())
    }

    /// Whether one span of the trace fulfils all terms.
    pub(crate) fn matches(&self, trace: &Trace) -> bool {
        self.0.is_empty()
            || trace.spans().any(|span| self.0.iter().all(|term| term.matches(trace, span)))
    }
}

impl Term {
    fn parse(word: &str) -> Self {
        if word == "error" {
            return Self::Error;
        }
        let limit = |sign| word.strip_prefix("duration")?.strip_prefix(sign).and_then(nanoseconds);
        if let Some(limit) = limit('>') {
            return Self::LongerThan(limit);
        }
        if let Some(limit) = limit('<') {
            return Self::ShorterThan(limit);
        }
        let Some((key, value)) = word.split_once(':').filter(|(key, _)| !key.is_empty()) else {
            return Self::Word(word.to_lowercase());
        };
        let text = value.to_lowercase();
        match key {
            "service" => Self::Service(text),
            "name" => Self::Name(text),
            "resource" => Self::Resource(text),
            "type" => Self::Type(text),
            "id" => Self::Id(text),
            _ if value == "*" => Self::HasTag(key.to_owned()),
            _ => Self::Tag { key: key.to_owned(), value: text },
        }
    }

    fn matches(&self, trace: &Trace, span: &Span) -> bool {
        let contains = |text: &str, part: &str| text.to_lowercase().contains(part);
        let duration = span.duration as f64;
        match self {
            Self::Word(word) => {
                [&span.name, &span.resource, &span.service].iter().any(|text| contains(text, word))
                    || has_id(trace, span, word)
            }
            Self::Service(part) => contains(&span.service, part),
            Self::Name(part) => contains(&span.name, part),
            Self::Resource(part) => contains(&span.resource, part),
            Self::Type(part) => contains(&span.span_type, part),
            Self::Id(id) => has_id(trace, span, id),
            Self::Tag { key, value } => {
                span.meta.get(key).is_some_and(|text| contains(text, value))
                    || span.metrics.get(key).is_some_and(|number| number.to_string() == *value)
            }
            Self::HasTag(key) => span.meta.contains_key(key) || span.metrics.contains_key(key),
            Self::Error => span.error != 0,
            Self::LongerThan(limit) => duration > *limit,
            Self::ShorterThan(limit) => duration < *limit,
        }
    }
}

/// Whether the trace or the span has this id, written as logs may write it: hex, or its low half in decimal.
fn has_id(trace: &Trace, span: &Span, id: &str) -> bool {
    let spellings = [
        format!("{:032x}", trace.trace_id),
        format!("{:016x}", span.trace_id),
        span.trace_id.to_string(),
        format!("{:016x}", span.span_id),
        span.span_id.to_string(),
    ];
    spellings.iter().any(|spelling| spelling == id)
}

/// Splits at spaces outside of quotes, and removes the quotes.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for character in text.chars().chain([' ']) {
        match character {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.extend(Some(std::mem::take(&mut word))),
            _ => word.push(character),
        }
    }
    words.extend(Some(word.trim_end().to_owned())); // A quote that was never closed.
    words.retain(|word| !word.is_empty());
    words
}

fn nanoseconds(text: &str) -> Option<f64> {
    let unit =
        text.trim_start_matches(|character: char| character.is_ascii_digit() || character == '.');
    let number = text.strip_suffix(unit)?.parse::<f64>().ok()?;
    let factor = match unit {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chunk;

    fn trace() -> Trace {
        let root = Span {
            service: "users".into(),
            name: "http.request".into(),
            resource: "GET /users/{id}".into(),
            span_type: "web".into(),
            trace_id: 10,
            span_id: 11,
            duration: 5_000_000,
            meta: [("http.method".into(), "GET".into())].into(),
            metrics: [("http.retry_count".into(), 2.0)].into(),
            ..Span::default()
        };
        let failed = Span { service: "billing".into(), error: 1, duration: 900, ..root.clone() };
        Trace {
            trace_id: (1 << 64) + 10,
            chunks: vec![Chunk { trace_id: 10, spans: vec![root, failed] }],
        }
    }

    #[test]
    fn all_terms_must_match_the_same_span() {
        #[rustfmt::skip]
        let table = [
            ("",                                  true),
            ("USERS",                             true),
            ("orders",                            false),
            ("service:users",                     true),
            ("service:users error",               false), // The other span failed.
            ("service:bill error",                true),
            ("resource:\"get /users\"",           true),
            ("\"GET /users/{id}\"",               true),
            ("name:http type:web",                true),
            ("http.method:get",                   true),
            ("http.method:POST",                  false),
            ("http.method:*",                     true),
            ("http.route:*",                      false),
            ("http.retry_count:2",                true),
            ("duration>4ms",                      true),
            ("duration>5ms",                      false),
            ("duration>0.001s error",             false),
            ("duration<1us error",                true),
            ("0000000000000001000000000000000a",  true),
            ("10",                                true), // In decimal, as in logs.
            ("id:11",                             true),
            ("id:b",                              false),
        ];
        for (search, expected) in table {
            assert_eq!(Search::parse(search).matches(&trace()), expected, "{search}");
        }
    }

    #[test]
    fn conditions_that_cannot_be_read_are_words_or_tags() {
        let word = |text: &str| Search(vec![Term::Word(text.into())]);
        assert_eq!(Search::parse("duration>fast"), word("duration>fast"));
        assert_eq!(Search::parse("duration>1h"), word("duration>1h"));
        assert_eq!(Search::parse(":x"), word(":x"));
        assert_eq!(Search::parse("  \"open quote"), word("open quote"));
    }
}
