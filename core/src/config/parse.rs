//! Texts of settings: booleans, numbers, hosts and tags.
//!
//! ```text
//! boolean  "true" | "1" | "false" | "0"            in any case
//! mapping  from ":" to *( "," from ":" to )
//! tags     piece *( separator piece )              "," if there is one in the text, else " "
//! piece    key [ ":" value ]                       trimmed; without a key it is skipped
//! ```

use std::{
    borrow::Cow, collections::HashMap, hash::Hash, num::NonZero, ops::RangeInclusive,
    time::Duration,
};

use super::{ParseError, agent_url::host};
use crate::{propagation::parse_limit, sampling::SampleRate};

/// The most characters of a value that are written to the log.
const MAX_SHOWN_CHARS: usize = 100;

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

/// Sets a number within a range, whose words the error has: the nearest end of it for one beyond.
pub(super) fn set_within<T: Ord + Copy>(
    place: &mut T,
    number: T,
    range: RangeInclusive<T>,
    words: &'static str,
) -> Result<(), ParseError> {
    *place = number.clamp(*range.start(), *range.end());
    if *place == number { Ok(()) } else { Err(ParseError::OutOfRange(words)) }
}

pub(super) fn port(text: &str) -> Result<u16, ParseError> {
    positive_integer(text).map_err(|_| ParseError::Port)
}

pub(super) fn integer(text: &str) -> Result<i64, ParseError> {
    text.parse().map_err(|_| ParseError::Integer)
}

pub(super) fn sample_rate(text: &str) -> Result<SampleRate, ParseError> {
    let rate = text.parse::<f64>().map_err(|_| ParseError::SampleRate)?;
    SampleRate::new(rate).map_err(|_| ParseError::SampleRate)
}

/// A number of items or bytes; a negative one is 0.
pub(super) fn limit(text: &str) -> Result<usize, ParseError> {
    parse_limit(text).ok_or(ParseError::Integer)
}

/// Fails for a [`limit`] below zero, where no rule says that it counts as zero.
pub(super) fn not_negative(text: &str) -> Result<(), ParseError> {
    match text.trim().strip_prefix('-') {
        Some(digits) if digits.contains(|digit| digit != '0') => Err(ParseError::Negative),
        _ => Ok(()),
    }
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

/// Returns the tags that a text such as `team:apm,tier:1` lists, as `DD_TAGS` has them.
///
/// Each key is there once: a repeated one keeps its place and takes the last value. A piece
/// without a colon has an empty value.
///
/// ```
/// let tags = packdog::config::parse_tags("team:apm url:http://x:80");
/// assert_eq!(tags, [("team".into(), "apm".into()), ("url".into(), "http://x:80".into())]);
/// ```
pub fn parse_tags(text: &str) -> Vec<(String, String)> {
    let separator = if text.contains(',') { ',' } else { ' ' };
    let pieces = text.split(separator);
    distinct(pieces.map(|piece| piece.split_once(':').unwrap_or((piece, ""))))
}

/// Trimmed keys and values; each key once, at its first place and with its last value.
pub(super) fn distinct<'t>(
    pairs: impl Iterator<Item = (&'t str, &'t str)>,
) -> Vec<(String, String)> {
    let mut tags = Vec::<(String, String)>::new();
    let mut places = Places::default();
    for (key, value) in pairs {
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() {
            continue;
        }
        match tags.get_mut(places.of(key)) {
            Some((_, old)) => value.clone_into(old),
            None => tags.push((key.to_owned(), value.to_owned())),
        }
    }
    tags
}

/// The place of each key among the distinct ones.
struct Places<K>(HashMap<K, usize>);

impl<K: Eq + Hash> Places<K> {
    fn of(&mut self, key: K) -> usize {
        let next = self.0.len();
        *self.0.entry(key).or_insert(next)
    }
}

impl<K> Default for Places<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

/// The entries of a list, without spaces around them.
pub(super) fn list(text: &str) -> Vec<String> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(str::to_owned).collect()
}

/// Pairs such as `from:to,from:to`, and the entries that lack a half.
pub(super) fn mapping(text: &str) -> (Vec<(String, String)>, Vec<&str>) {
    let (mut pairs, mut unknown) = (Vec::new(), Vec::new());
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        match entry.split_once(':').map(|(from, to)| (from.trim(), to.trim())) {
            Some((from, to)) if !from.is_empty() && !to.is_empty() => {
                pairs.push((from.to_owned(), to.to_owned()));
            }
            _ => unknown.push(entry),
        }
    }
    (pairs, unknown)
}

/// Fails if there are entries of a list that are unknown.
pub(super) fn partly(unknown: Vec<&str>) -> Result<(), ParseError> {
    if unknown.is_empty() {
        return Ok(());
    }
    Err(ParseError::UnknownEntries(short_line(&joined(unknown))))
}

pub(super) fn joined<T: Into<String>>(entries: impl IntoIterator<Item = T>) -> String {
    entries.into_iter().map(Into::into).collect::<Vec<_>>().join(",")
}

/// A URL without `user:password@`; a text that is no URL, such as `git@host:path`, stays as it is.
pub(super) fn without_user_info(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("://") else { return Cow::Borrowed(url) };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rfind('@') {
        None => Cow::Borrowed(url),
        Some(at) => Cow::Owned(format!("{scheme}://{}", rest.get(at + 1..).unwrap_or_default())),
    }
}

/// A value as it may be written to the log: at most 100 characters, and without parts that could be
/// user and password. In doubt, more is left out than a URL would have there.
pub(crate) fn short(text: &str) -> String {
    let text = text.trim();
    let (scheme, rest) = match text.find("://") {
        Some(end) => text.split_at(end + 3),
        None => ("", text),
    };
    let shown = match rest.rsplit_once('@') {
        Some((user_info, rest)) if !scheme.is_empty() || user_info.contains(':') => {
            format!("{scheme}{rest}")
        }
        _ => text.to_owned(),
    };
    match shown.char_indices().nth(MAX_SHOWN_CHARS) {
        None => shown,
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
    }
}

/// A [`short`] text without control characters, to stand in a message without quotes.
pub(super) fn short_line(text: &str) -> String {
    short(text).replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, hash::Hasher};

    use super::*;

    #[test]
    fn booleans_are_four_words_in_any_case() {
        for text in ["true", "TRUE", "1"] {
            assert_eq!(boolean(text), Ok(true), "{text}");
        }
        for text in ["false", "False", "0"] {
            assert_eq!(boolean(text), Ok(false), "{text}");
        }
        for text in ["", "yes", "no", "on", "off", "2", "tru"] {
            assert_eq!(boolean(text), Err(ParseError::Boolean), "{text}");
        }
    }

    #[test]
    fn keys_are_compared_with_few_others_however_many_there_are() {
        thread_local! {
            static COMPARED: Cell<usize> = const { Cell::new(0) };
        }

        struct Key(usize);

        impl Hash for Key {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }

        impl PartialEq for Key {
            fn eq(&self, other: &Self) -> bool {
                COMPARED.set(COMPARED.get() + 1);
                self.0 == other.0
            }
        }

        impl Eq for Key {}

        const KEYS: usize = 100_000;
        let mut places = Places::default();
        for key in (0..KEYS).chain(0..KEYS) {
            assert_eq!(places.of(Key(key)), key);
        }
        assert!(COMPARED.get() < 3 * KEYS, "{} comparisons", COMPARED.get());
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
    fn rates_are_numbers_from_0_to_1() {
        #[rustfmt::skip]
        let table = [
            // text    rate
            ("0.5",    Ok(0.5)),
            ("1e-3",   Ok(0.001)),
            ("0",      Ok(0.0)),
            ("1",      Ok(1.0)),
            ("1.0001", Err(ParseError::SampleRate)),
            ("50",     Err(ParseError::SampleRate)),
            ("-1",     Err(ParseError::SampleRate)),
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
    fn a_value_is_shown_without_user_info_and_at_most_100_characters_long() {
        let hundred = "ä".repeat(100);
        #[rustfmt::skip]
        let table = [
            // text                                     shown
            (hundred.clone(),                           hundred.clone()),
            (format!("{hundred}b"),                     format!("{hundred}…")),
            ("https://user:pw@host".to_owned(),         "https://host".to_owned()),
            (format!("https://{hundred}@host"),         "https://host".to_owned()),
            ("https://user:p/w@host".to_owned(),        "https://host".to_owned()),
            ("user:pw@host:8126".to_owned(),            "host:8126".to_owned()),
            ("git@host".to_owned(),                     "git@host".to_owned()),
        ];
        for (text, expected) in table {
            assert_eq!(short(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_repeated_tag_keeps_its_place_and_takes_the_last_value() {
        let tags = parse_tags("a:1,b:2,a:3");
        assert_eq!(tags, [("a".into(), "3".into()), ("b".into(), "2".into())]);
    }
}
