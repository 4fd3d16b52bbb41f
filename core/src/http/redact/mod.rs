//! Secrets in query strings, replaced before a URL becomes a tag.
//!
//! ```text
//! a=1&password=hunter2&b=2   ─▶   a=1&<redacted>&b=2
//! ```
//! The query is matched as it is in the URL, percent-encoded and as bytes; at most
//! [`MAX_QUERY_BYTES`] of it are read. The built-in pattern is matched in one pass. Rules:
//! [Datadog, redacting the
//! query](https://docs.datadoghq.com/tracing/configure_data_security/#redacting-the-query-in-the-url).

mod built_in;

use std::{borrow::Cow, fmt};

use regex::bytes::{Regex, RegexBuilder};

/// The most bytes of a query that are kept; of a longer one, only the parameters that fit are kept.
pub const MAX_QUERY_BYTES: usize = 8 * 1024;

const REDACTED: &str = "<redacted>";

/// The most parts that a pattern redacts one by one. Finding one may read the rest of the query,
/// so this bounds the time that a caller can spend.
pub const MAX_REDACTED_PARTS: usize = 128;
/// The most bytes of a compiled pattern, and of the states that it keeps while it matches.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// The redaction of query strings, before the URLs that hold them become tags.
///
/// ```
/// use packdog::http::QueryRedaction;
///
/// let redaction = QueryRedaction::default();
/// assert_eq!(redaction.redact("a=1&token=x").as_deref(), Some("a=1&<redacted>"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct QueryRedaction(Rule);

#[derive(Clone, Debug, Default)]
enum Rule {
    #[default]
    BuiltIn,
    Nothing,
    Pattern(Regex),
    WholeQuery,
}

impl QueryRedaction {
    /// Returns a redaction that leaves queries unchanged.
    pub fn nothing() -> Self {
        Self(Rule::Nothing)
    }

    /// Returns a redaction that removes queries.
    pub fn whole_query() -> Self {
        Self(Rule::WholeQuery)
    }

    /// Returns a redaction of the parts that match `pattern`.
    ///
    /// The syntax is that of the [`regex`](https://docs.rs/regex) crate, over bytes: classes
    /// such as `\w` are ASCII. Of a query with more than [`MAX_REDACTED_PARTS`] matches, the
    /// rest is redacted as one.
    ///
    /// # Errors
    /// Returns an error if the text is not a regular expression, or takes more than 1 MiB once it
    /// is compiled.
    pub fn pattern(pattern: &str) -> Result<Self, PatternError> {
        compile(pattern).map(Rule::Pattern).map(Self)
    }

    /// Returns the query with secrets redacted; `None` if the query is to be left out.
    ///
    /// `query` does not include the `?`. If it is longer than [`MAX_QUERY_BYTES`], only the first
    /// parameters that fit are kept.
    pub fn redact<'q>(&self, query: &'q str) -> Option<Cow<'q, str>> {
        let query = fitting(query);
        let regex = match &self.0 {
            Rule::Nothing => return Some(Cow::Borrowed(query)),
            Rule::WholeQuery => return None,
            Rule::Pattern(regex) => regex,
            Rule::BuiltIn => return Some(built_in::redact(query)),
        };
        Some(match replaced(regex, query.as_bytes()) {
            None => Cow::Borrowed(query),
            // A pattern over bytes may split a character.
            Some(redacted) => String::from_utf8_lossy(&redacted).into_owned().into(),
        })
    }
}

/// Replaces what matches; `None` if nothing does.
fn replaced(regex: &Regex, query: &[u8]) -> Option<Vec<u8>> {
    let mut redacted = Vec::new();
    let mut end = 0;
    for (number, part) in regex.find_iter(query).take(MAX_REDACTED_PARTS + 1).enumerate() {
        redacted.extend_from_slice(query.get(end..part.start()).unwrap_or_default());
        redacted.extend_from_slice(REDACTED.as_bytes());
        end = if number < MAX_REDACTED_PARTS { part.end() } else { query.len() };
    }
    if redacted.is_empty() {
        return None;
    }
    redacted.extend_from_slice(query.get(end..).unwrap_or_default());
    Some(redacted)
}

/// Writes the pattern, or a word in parentheses if there is none.
impl fmt::Display for QueryRedaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Rule::BuiltIn => "(built-in pattern)",
            Rule::Nothing => "",
            Rule::Pattern(regex) => regex.as_str(),
            Rule::WholeQuery => "(the whole query is left out)",
        })
    }
}

/// The error of an unusable pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// It is not a regular expression.
    Syntax,
    /// It takes more than 1 MiB once it is compiled.
    TooLarge,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not a regular expression",
            Self::TooLarge => "too large: it takes more than 1 MiB once it is compiled",
        })
    }
}

impl std::error::Error for PatternError {}

fn compile(pattern: &str) -> Result<Regex, PatternError> {
    let mut builder = RegexBuilder::new(pattern);
    let builder = builder.size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES);
    builder.unicode(false).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
        _ => PatternError::Syntax,
    })
}

/// Returns the parameters within the first [`MAX_QUERY_BYTES`]. A parameter that would be cut is
/// dropped, because a part of a secret may not match the pattern.
fn fitting(query: &str) -> &str {
    if query.len() <= MAX_QUERY_BYTES {
        return query;
    }
    let bytes = query.as_bytes();
    let is_end = |&at: &usize| bytes.get(at) == Some(&b'&');
    (0..=MAX_QUERY_BYTES).rev().find(is_end).and_then(|end| query.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_with_more_matches_than_the_limit_loses_its_rest() {
        let digits = QueryRedaction::pattern("[0-9]").unwrap();
        for count in [MAX_REDACTED_PARTS - 1, MAX_REDACTED_PARTS, MAX_REDACTED_PARTS + 1, 4_000] {
            let redacted = digits.redact(&"a1".repeat(count)).unwrap().into_owned();
            let (kept, rest) = match count {
                ..=MAX_REDACTED_PARTS => (count, ""),
                _ => (MAX_REDACTED_PARTS, "a<redacted>"),
            };
            assert_eq!(redacted, "a<redacted>".repeat(kept) + rest, "{count}");
        }
        let none = digits.redact("a=b").unwrap();
        assert!(matches!(none, Cow::Borrowed("a=b")));
    }

    #[test]
    fn a_pattern_has_a_limit_once_it_is_compiled() {
        assert!(QueryRedaction::pattern("[0-9]{1000}").is_ok());
        assert_eq!(
            QueryRedaction::pattern("([0-9]{1000}){1000}").err(),
            Some(PatternError::TooLarge)
        );
        assert_eq!(QueryRedaction::pattern("(").err(), Some(PatternError::Syntax));
    }

    #[test]
    fn a_query_is_cut_between_parameters() {
        let query = |rest: usize| format!("a=1&b={}", "x".repeat(rest));
        #[rustfmt::skip]
        let table = [
            // query                                     kept
            (query(MAX_QUERY_BYTES - 7),                 None),
            (query(MAX_QUERY_BYTES - 6),                 None),
            (query(MAX_QUERY_BYTES - 5),                 Some("a=1")),
            (query(MAX_QUERY_BYTES - 6) + "&c=1",        Some(&*query(MAX_QUERY_BYTES - 6))),
            ("x".repeat(MAX_QUERY_BYTES + 1),            Some("")),
            ("é".repeat(MAX_QUERY_BYTES),                Some("")),
        ]
        .map(|(query, kept)| {
            let kept = kept.map(str::to_owned);
            (query, kept)
        });
        for (query, kept) in table {
            let expected = kept.as_deref().unwrap_or(&query);
            assert_eq!(QueryRedaction::nothing().redact(&query).unwrap(), expected);
        }
    }

    #[test]
    fn a_pattern_is_plain_text_to_the_replacement_and_may_cut_characters() {
        let redaction = QueryRedaction::pattern(r"(?-u)\xc3").unwrap();
        assert_eq!(redaction.redact("é").unwrap(), "<redacted>\u{fffd}");
        assert_eq!(QueryRedaction::pattern("(unclosed").unwrap_err(), PatternError::Syntax);
    }

    #[test]
    fn parts_to_be_left_out_are_left_out() {
        assert_eq!(QueryRedaction::whole_query().redact("a=1"), None);
        assert_eq!(QueryRedaction::nothing().redact("token=1").as_deref(), Some("token=1"));
    }
}
