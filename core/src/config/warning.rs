//! A variable that has no effect, or not the one that was meant.

use std::fmt;

use super::{
    ConfigOption, ParseError,
    parse::{short, short_line},
};
use crate::Config;

/// A variable that has no effect, or not the one that was meant. It is written to the log when a
/// tracer starts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigWarning {
    /// The variable, such as `DD_TRACE_ENABLED`.
    pub variable: String,
    /// The reason why it has no effect.
    pub problem: ConfigProblem,
}

/// The reason why a variable has no effect, or not the one that was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// Its value is unusable, or a part of it is.
    Unusable {
        /// The value, at most 100 characters of it, and without the password of a URL.
        value: String,
        /// The fault of the value.
        error: ParseError,
        /// The value that is in force; `None` for a variable that stands in for no option.
        in_force: Option<String>,
    },
    /// It is a variable of OpenTelemetry, and one of Datadog wins over it.
    Overridden {
        /// The variable that wins.
        by: &'static str,
    },
    /// Other software of Datadog or OpenTelemetry reads it, and packdog does not.
    Unsupported,
    /// It looks like an option and is none.
    Unknown {
        /// The name that is most like it.
        nearest: Option<&'static str>,
    },
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = &self.variable;
        match &self.problem {
            ConfigProblem::Unusable { value, error, in_force } => {
                write!(f, "{variable} {value:?} {error}")?;
                match in_force {
                    // Nothing stands in for the expression.
                    Some(_) if matches!(error, ParseError::Pattern(_)) => {
                        write!(f, ". {}", error.advice())
                    }
                    Some(in_force) => write!(f, "; using {in_force}. {}", error.advice()),
                    None => write!(f, ". {}", error.advice()),
                }
            }
            ConfigProblem::Overridden { by } => {
                write!(f, "{variable} has no effect, because {by} is set. Unset one of them.")
            }
            ConfigProblem::Unsupported => {
                write!(f, "{variable} is not supported by packdog and has no effect.")?;
                if variable == "DD_LOGS_INJECTION" {
                    f.write_str(" packdog::tracing::CorrelatedJson writes trace ids into logs.")?;
                }
                Ok(())
            }
            ConfigProblem::Unknown { nearest: Some(nearest) } => {
                write!(f, "{variable} is unknown and has no effect. ")?;
                write!(f, "Did you mean {nearest}?")
            }
            ConfigProblem::Unknown { nearest: None } => {
                write!(f, "{variable} is unknown and has no effect.")
            }
        }
    }
}

/// An unusable value, before it is known which one is in force in the end.
#[derive(Clone, Debug)]
pub(super) struct Unusable {
    /// The option that has the value in force.
    option: Option<&'static ConfigOption>,
    variable: &'static str,
    /// As [`short`] gives it.
    value: String,
    error: ParseError,
}

impl Unusable {
    pub(super) fn new(
        option: Option<&'static ConfigOption>,
        variable: &'static str,
        text: &str,
        error: ParseError,
    ) -> Self {
        Self { option, variable, value: short(text), error }
    }

    /// A text that an option of this name cannot have.
    pub(super) fn of(name: &'static str, text: &str, error: ParseError) -> Self {
        Self::new(ConfigOption::named(name), name, text, error)
    }

    pub(super) fn warning(&self, config: &Config) -> ConfigWarning {
        let (value, error) = (self.value.clone(), self.error.clone());
        let in_force = self.option.map(|option| self.in_force(option, config));
        let problem = ConfigProblem::Unusable { value, error, in_force };
        ConfigWarning { variable: self.variable.to_owned(), problem }
    }

    fn in_force(&self, option: &ConfigOption, config: &Config) -> String {
        let value = match option.show(config) {
            Some(value) => short_line(&value),
            None => format!("the default ({})", option.default.replace('`', "")),
        };
        let is_own = option.variables.contains(&self.variable);
        if is_own { value } else { format!("{} for {}", value, option.name()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsupported_variable_names_its_counterpart_if_it_has_one() {
        let warning = |variable: &str| {
            let problem = ConfigProblem::Unsupported;
            ConfigWarning { variable: variable.to_owned(), problem }.to_string()
        };
        assert_eq!(
            warning("DD_LOGS_INJECTION"),
            "DD_LOGS_INJECTION is not supported by packdog and has no effect. \
             packdog::tracing::CorrelatedJson writes trace ids into logs."
        );
        assert_eq!(
            warning("DD_PROFILING_ENABLED"),
            "DD_PROFILING_ENABLED is not supported by packdog and has no effect."
        );
    }
}
