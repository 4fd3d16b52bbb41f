//! The faults that the text of a setting can have.

use std::fmt;

use super::AgentUrlError;
use crate::{http::PatternError, sampling::RulesError};

/// The fault of a text that is unusable as a setting.
///
/// Shown as the rest of a sentence about the text: `is not true or false`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// It is not `true`, `1`, `false` or `0`.
    Boolean,
    /// It is not a whole number above zero, or it is larger than the largest `usize`.
    PositiveInteger,
    /// It is not a port from 1 to 65535.
    Port,
    /// It is not a number of seconds above zero, or it is too large: 2^64 or more.
    PositiveSeconds,
    /// It is a number outside of this range, and the nearest end of it is used instead.
    OutOfRange(&'static str),
    /// It is not a whole number.
    Integer,
    /// It is a whole number below zero, which counts as zero.
    Negative,
    /// It is not a number from 0 to 1.
    SampleRate,
    /// It is a list of sampling rules with faults: unusable rules are left out, and unknown fields
    /// ignored.
    SamplingRules(RulesError),
    /// It is not the path of a file that can be read.
    File,
    /// It is not the name of a log level.
    LogLevel,
    /// It is not `text` or `json`.
    LogFormat,
    /// It is not `disabled`, `service` or `full`.
    PropagationMode,
    /// It is not `v0.4` or `v0.5`.
    ApiVersion,
    /// It is not `continue`, `restart` or `ignore`.
    ExtractBehavior,
    /// It is a list with unknown entries, which are left out.
    UnknownEntries(String),
    /// It is a list with too many entries, of which the last ones are left out.
    TooManyEntries(String),
    /// It is a list with too many bytes, of which these entries are left out.
    TooManyBytes(String),
    /// It is not the name of a sampler of OpenTelemetry.
    Sampler,
    /// It is a sampler that does not respect decisions of callers.
    NotParentBased,
    /// It is an exporter, where no others are supported than delivery to the Datadog Agent.
    Exporter,
    /// It is not a usable regular expression.
    Pattern(PatternError),
    /// It is not the name of a header.
    HeaderName,
    /// It has characters that the value of a header cannot have.
    HeaderValue,
    /// It is not the URL of a Datadog Agent.
    AgentUrl(AgentUrlError),
}

impl ParseError {
    /// Returns a sentence with the valid texts.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Boolean => "Write true, false, 1 or 0.",
            Self::PositiveInteger => "Write a whole number from 1.",
            Self::Port => "Write a port from 1 to 65535.",
            Self::PositiveSeconds => "Write a number of seconds, such as 2 or 0.5.",
            Self::OutOfRange(_) => "Write a number of this range.",
            Self::Integer => "Write a whole number.",
            Self::Negative => "Write a whole number from 0.",
            Self::SampleRate => "Write a number such as 0.5 for one half.",
            Self::SamplingRules(RulesError::NotAList) => "Write rules as [{\"sample_rate\": 0.1}].",
            Self::SamplingRules(_) => "Correct these rules.",
            Self::File => "Write the path of a file that the process can read.",
            Self::LogLevel => "Write error, warn, info, debug or off.",
            Self::LogFormat => "Write text or json.",
            Self::PropagationMode => "Write disabled, service or full.",
            Self::ApiVersion => "Write v0.4 or v0.5.",
            Self::ExtractBehavior => "Write continue, restart or ignore.",
            Self::UnknownEntries(_) => "Correct these entries, or remove them.",
            Self::TooManyEntries(_) | Self::TooManyBytes(_) => "Remove entries.",
            Self::Sampler => {
                "Write parentbased_always_on, parentbased_always_off or parentbased_traceidratio."
            }
            Self::NotParentBased => "Write parentbased_ before it.",
            Self::Exporter => "Write none, or unset the variable.",
            Self::Pattern(_) => {
                "Correct the expression, or unset the variable for the built-in one."
            }
            Self::HeaderValue => "Remove line feeds and other control characters.",
            Self::HeaderName => "Write the name of one header, such as x-real-ip.",
            Self::AgentUrl(error) => error.advice(),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("is not a boolean"),
            Self::PositiveInteger => f.write_str("is not a whole number above zero, or too large"),
            Self::Port => f.write_str("is not a port"),
            Self::PositiveSeconds => f.write_str("is not a number of seconds above zero"),
            Self::OutOfRange(range) => write!(f, "is not {range}"),
            Self::Integer => f.write_str("is not a whole number"),
            Self::Negative => f.write_str("is below zero"),
            Self::SampleRate => f.write_str("is not a number from 0 to 1"),
            Self::SamplingRules(RulesError::NotAList) => f.write_str("is not a JSON array"),
            Self::SamplingRules(error) => write!(f, "has faults ({error})"),
            Self::File => f.write_str("is not a file that can be read"),
            Self::LogLevel => f.write_str("is not a log level"),
            Self::LogFormat => f.write_str("is not a log format"),
            Self::PropagationMode => f.write_str("is not a supported mode of SQL comments"),
            Self::ApiVersion => f.write_str("is not a wire format"),
            Self::ExtractBehavior => f.write_str("is not a known behavior"),
            Self::UnknownEntries(entries) => write!(f, "has unknown entries ({entries})"),
            Self::TooManyEntries(entries) => {
                write!(f, "has too many entries ({entries} are left out)")
            }
            Self::TooManyBytes(entries) => {
                write!(f, "has more than 64 kB ({entries} are left out)")
            }
            Self::Sampler => f.write_str("is not a known sampler"),
            Self::NotParentBased => {
                f.write_str("would ignore decisions of callers, which are always respected")
            }
            Self::Exporter => f.write_str("has no effect"),
            Self::Pattern(error) => write!(f, "is {error}, so whole queries are left out of URLs"),
            Self::HeaderValue => f.write_str("cannot be the value of a header"),
            Self::HeaderName => f.write_str("is not the name of a header"),
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
