//! Patterns of sampling rules: `*` for any run of characters, `?` for exactly one.
//!
//! ```text
//! GET /users/*   get /users/42   matches: letters match in either case
//! ???            dog             matches: a character, not a byte
//! [a-c]          b               does not match: everything else matches itself
//! ```
//! A pattern matches the whole text, in at most as many steps as the product of their lengths.

use std::{fmt, str::Chars};

/// A pattern of a sampling rule.
///
/// ```
/// use packdog::sampling::Glob;
///
/// assert!(Glob::new("GET /health*").matches("get /healthz"));
/// assert!(!Glob::new("GET /health*").matches("POST /healthz"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// Creates a pattern; every text is valid.
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// Returns the pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern matches all of `text`.
    pub fn matches(&self, text: &str) -> bool {
        let mut pattern = self.0.chars();
        let mut text = text.chars();
        // The pattern after the last star, and the text after everything that this star matches.
        let mut star: Option<(Chars<'_>, Chars<'_>)> = None;
        loop {
            let rest = text.clone();
            match (pattern.next(), text.next()) {
                (None, None) => return true,
                (Some('*'), _) => {
                    star = Some((pattern.clone(), rest.clone()));
                    text = rest;
                    continue;
                }
                (Some('?'), Some(_)) => continue,
                (Some(expected), Some(found)) if is_same_letter(expected, found) => continue,
                _ => {}
            }
            // The last star matches one more character. Earlier stars need not be tried again: the
            // last one can match anything that they could give up.
            let Some((behind, taken)) = &mut star else { return false };
            if taken.next().is_none() {
                return false;
            }
            (pattern, text) = (behind.clone(), taken.clone());
        }
    }

    /// Whether the pattern only constrains the length of a text.
    pub(super) fn is_all_wildcards(&self) -> bool {
        self.0.bytes().all(|byte| matches!(byte, b'*' | b'?'))
    }
}

fn is_same_letter(one: char, other: char) -> bool {
    one == other
        || if one.is_ascii() && other.is_ascii() {
            one.eq_ignore_ascii_case(&other)
        } else {
            one.to_lowercase().eq(other.to_lowercase())
        }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Glob {
    fn from(pattern: &str) -> Self {
        Self::new(pattern)
    }
}

impl From<String> for Glob {
    fn from(pattern: String) -> Self {
        Self::new(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_beyond_ascii_match_in_either_case_and_count_as_one_character() {
        #[rustfmt::skip]
        let table = [
            // pattern   text        matches
            ("É?ole",    "école",    true),
            ("ß",        "SS",       false),
            ("k",        "\u{212a}", true), // The sign for Kelvin has a small letter.
            ("?",        "日",       true),
            ("??",       "日",       false),
            ("日*",      "日本",     true),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_star_leaves_the_characters_that_the_rest_of_the_pattern_needs() {
        #[rustfmt::skip]
        let table = [
            // pattern     text         matches
            ("*ab*ab",     "ababab",    true),
            ("*aab",       "aaaab",     true),
            ("a*?c",       "ac",        false),
            ("a*?c",       "abbc",      true),
            ("*?*?",       "x",         false),
            ("x*",         "",          false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_steps_in_proportion_to_pattern_and_text() {
        // With backtracking to every star, this would never end.
        let pattern = "*a".repeat(2_000) + "b";
        assert!(!Glob::new(pattern).matches(&"a".repeat(4_000)));
    }
}
