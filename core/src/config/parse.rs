//! Texts of settings: booleans, numbers, hosts and tags.
//!
//! ```text
//! boolean  "true" | "1" | "false" | "0"            in any case
//! mapping  from ":" to *( "," from ":" to )
//! tags     piece *( separator piece )              "," if there is one in the text, else " "
//! piece    key [ ":" value ]                       trimmed; without a key it is skipped
//! ```

use std::{fmt, num::NonZero, time::Duration};

use super::agent_url::{AgentUrlError, host};
use crate::{
    propagation::parse_limit,
    sampling::{RulesError, SampleRate},
};

/// What is wrong with the text of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// Neither `true`, `1`, `false` nor `0`.
    Boolean,
    /// No whole number above zero, or too large a one.
    PositiveInteger,
    /// No number of seconds above zero.
    PositiveSeconds,
    /// No whole number.
    Integer,
    /// No number that could be the rate of a sampler.
    SampleRate,
    /// A list of sampling rules, of which some or all cannot be used.
    SamplingRules(RulesError),
    /// A file that cannot be read.
    File,
    /// Another variable is set, which wins over this one.
    OverriddenBy(&'static str),
    /// Neither `v0.4` nor `v0.5`.
    ApiVersion,
    /// Neither `continue`, `restart` nor `ignore`.
    ExtractBehavior,
    /// A list with unknown names, which are left out.
    UnknownNames {
        /// The unknown names.
        unknown: Vec<String>,
        /// What is left of the list; `None` if that is nothing, so that the list is as if unset.
        used: Option<String>,
    },
    /// No regular expression.
    Pattern,
    /// No name that a header can have.
    HeaderName,
    /// No URL under which a Datadog Agent could be reached.
    AgentUrl(AgentUrlError),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("neither true nor false"),
            Self::PositiveInteger => f.write_str("not a whole number above zero in its range"),
            Self::PositiveSeconds => f.write_str("not a number of seconds above zero"),
            Self::Integer => f.write_str("not a whole number"),
            Self::SampleRate => f.write_str("not a number from 0 to 1"),
            Self::SamplingRules(error) => error.fmt(f),
            Self::File => f.write_str("the file cannot be read"),
            Self::OverriddenBy(variable) => write!(f, "{variable} is set as well"),
            Self::ApiVersion => f.write_str("neither v0.4 nor v0.5"),
            Self::ExtractBehavior => f.write_str("neither continue, restart nor ignore"),
            Self::UnknownNames { unknown, .. } => write!(f, "unknown: {}", unknown.join(", ")),
            Self::Pattern => f.write_str("not a regular expression"),
            Self::HeaderName => f.write_str("not the name of a header"),
            Self::AgentUrl(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ParseError {}

impl From<AgentUrlError> for ParseError {
    fn from(error: AgentUrlError) -> Self {
        Self::AgentUrl(error)
    }
}

pub(super) fn boolean(text: &str) -> Result<bool, ParseError> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match text {
        _ if is("true") || is("1") => Ok(true),
        _ if is("false") || is("0") => Ok(false),
        _ => Err(ParseError::Boolean),
    }
}

/// A whole number from 1 to the largest one of `T`.
pub(super) fn positive_integer<T: TryFrom<u64>>(text: &str) -> Result<T, ParseError> {
    let number = text.parse::<NonZero<u64>>().map_err(|_| ParseError::PositiveInteger)?;
    T::try_from(number.get()).map_err(|_| ParseError::PositiveInteger)
}

pub(super) fn integer(text: &str) -> Result<i64, ParseError> {
    text.parse().map_err(|_| ParseError::Integer)
}

/// A number; one below 0 or above 1 is as if it were that.
pub(super) fn sample_rate(text: &str) -> Result<SampleRate, ParseError> {
    let rate = text.parse::<f64>().map_err(|_| ParseError::SampleRate)?;
    SampleRate::clamped(rate).map_err(|_| ParseError::SampleRate)
}

/// A URL without `user:password@`; what is none, such as `git@host:path`, stays as it is.
pub(super) fn without_user_info(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let user_info = authority.rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", rest.get(user_info..).unwrap_or_default())
}

/// A number of items or bytes; a negative one is 0.
pub(super) fn limit(text: &str) -> Result<usize, ParseError> {
    parse_limit(text).ok_or(ParseError::Integer)
}

pub(super) fn positive_seconds(text: &str) -> Result<Duration, ParseError> {
    let seconds = text.parse::<f64>().map_err(|_| ParseError::PositiveSeconds)?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err(ParseError::PositiveSeconds),
    }
}

/// A host without brackets.
pub(super) fn agent_host(text: &str) -> Result<String, ParseError> {
    Ok(host(text)?)
}

/// The tags that a text such as `team:apm,tier:1` lists, as `DD_TAGS` has them.
///
/// Each key once: a repeated one keeps its place and takes the last value. A piece without a
/// colon has an empty value.
///
/// ```
/// let tags = packdog::config::parse_tags("team:apm url:http://x:80");
/// assert_eq!(tags, [("team".into(), "apm".into()), ("url".into(), "http://x:80".into())]);
/// ```
pub fn parse_tags(text: &str) -> Vec<(String, String)> {
    let separator = if text.contains(',') { ',' } else { ' ' };
    let mut tags = Vec::<(String, String)>::new();
    for piece in text.split(separator) {
        let (key, value) = piece.split_once(':').unwrap_or((piece, ""));
        let (key, value) = (key.trim(), value.trim().to_owned());
        if key.is_empty() {
            continue;
        }
        match tags.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => tags.push((key.to_owned(), value)),
        }
    }
    tags
}

/// The entries of a list, without spaces around them.
pub(super) fn list(text: &str) -> Vec<String> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(str::to_owned).collect()
}

/// Pairs such as `from:to,from:to`; those that lack a half are left out.
pub(super) fn mapping(text: &str, into: &mut Vec<(String, String)>) -> Result<(), ParseError> {
    let mut unknown = Vec::new();
    into.clear();
    for entry in list(text) {
        match entry.split_once(':').map(|(from, to)| (from.trim(), to.trim())) {
            Some((from, to)) if !from.is_empty() && !to.is_empty() => {
                into.push((from.to_owned(), to.to_owned()));
            }
            _ => unknown.push(entry),
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let used = into.iter().map(|(from, to)| format!("{from}:{to}")).collect::<Vec<_>>();
    let used = Some(used.join(",")).filter(|used| !used.is_empty());
    Err(ParseError::UnknownNames { unknown, used })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_four_words_in_any_case() {
        for text in ["true", "TRUE", "1"] {
            assert_eq!(boolean(text), Ok(true), "{text}");
        }
        for text in ["false", "False", "0"] {
            assert_eq!(boolean(text), Ok(false), "{text}");
        }
        for text in ["", "yes", "on", "2", "tru"] {
            assert_eq!(boolean(text), Err(ParseError::Boolean), "{text}");
        }
    }

    #[test]
    fn numbers_are_above_zero_and_in_range() {
        assert_eq!(positive_integer(" 1".trim()), Ok(1_u16));
        assert_eq!(positive_integer("65535"), Ok(65_535_u16));
        for text in ["0", "-1", "65536", "1.5", "many"] {
            assert_eq!(positive_integer::<u16>(text), Err(ParseError::PositiveInteger), "{text}");
        }
        assert_eq!(positive_seconds("0.5"), Ok(Duration::from_millis(500)));
        for text in ["0", "-1", "NaN", "inf", "1e300", "soon"] {
            assert_eq!(positive_seconds(text), Err(ParseError::PositiveSeconds), "{text}");
        }
    }

    #[test]
    fn rates_are_numbers_brought_into_their_range() {
        #[rustfmt::skip]
        let table = [
            // text    rate
            ("0.5",    Ok(0.5)),
            ("1e-3",   Ok(0.001)),
            ("7",      Ok(1.0)),
            ("-1",     Ok(0.0)),
            ("NaN",    Err(ParseError::SampleRate)),
            ("50%",    Err(ParseError::SampleRate)),
        ];
        for (text, expected) in table {
            assert_eq!(sample_rate(text).map(|rate| rate.to_f64()), expected, "{text}");
        }
    }

    #[test]
    fn urls_of_repositories_lose_their_user_info() {
        #[rustfmt::skip]
        let table = [
            // text                               url
            ("https://u:p@h/x",                   "https://h/x"),
            ("https://u@h:8/x?y#z",               "https://h:8/x?y#z"),
            ("ssh://git@h/x",                     "ssh://h/x"),
            ("https://u:p@q@h/x",                 "https://h/x"),
            ("https://h/x@1",                     "https://h/x@1"),
            ("https://h?x=a@b",                   "https://h?x=a@b"),
            ("https://u@",                        "https://"),
            ("git@h:x",                           "git@h:x"),
            ("",                                  ""),
        ];
        for (text, expected) in table {
            assert_eq!(without_user_info(text), expected, "{text}");
        }
    }

    #[test]
    fn a_repeated_tag_keeps_its_place_and_takes_the_last_value() {
        let tags = parse_tags("a:1,b:2,a:3");
        assert_eq!(tags, [("a".into(), "3".into()), ("b".into(), "2".into())]);
    }
}
