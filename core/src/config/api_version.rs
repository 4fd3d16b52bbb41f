//! The format in which traces are sent.

use std::{fmt, str::FromStr};

use super::ParseError;

/// The version of the Datadog Agent's trace intake; `v0.4` by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiVersion {
    /// Spans are maps; links and events have fields of their own.
    #[default]
    V04,
    /// Spans are arrays, and each text of a payload is sent once. Used if the Agent announces that
    /// it
    /// accepts it.
    V05,
}

impl FromStr for ApiVersion {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text {
            _ if text.eq_ignore_ascii_case("v0.4") => Ok(Self::V04),
            _ if text.eq_ignore_ascii_case("v0.5") => Ok(Self::V05),
            _ => Err(ParseError::ApiVersion),
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V04 => "v0.4",
            Self::V05 => "v0.5",
        })
    }
}
