//! A setting that could not be used: which, why, and what is used instead.

use std::fmt;

use super::ParseError;
use crate::sampling::RulesError;

/// A variable had an unusable value; the tracer goes on with its default, or with the usable
/// part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigWarning {
    /// The variable, such as `DD_TRACE_ENABLED`.
    pub variable: &'static str,
    /// Its value, as found.
    pub value: String,
    /// What is wrong with the value.
    pub error: ParseError,
    /// What is used instead, in the words of the options table.
    pub default: &'static str,
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, value, error, default } = self;
        match error {
            ParseError::UnknownNames { used: Some(used), .. } => {
                write!(f, "{variable}={value:?} is used in part: {error}; using: {used}")
            }
            ParseError::SamplingRules(RulesError::Skipped(_)) => {
                write!(f, "{variable}={value:?} is used in part: {error}")
            }
            ParseError::OverriddenBy(_) => write!(f, "{variable}={value:?} is not used: {error}"),
            ParseError::Pattern => {
                write!(f, "{variable}={value:?} is not used: {error}; queries are left out")
            }
            _ => {
                write!(f, "{variable}={value:?} is not used: {error}; using the default: {default}")
            }
        }
    }
}
