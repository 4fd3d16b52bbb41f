//! The sources of values, and which of them an option has its value from.

use std::fmt;

/// The source of a value; a later one wins over those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// Nothing was set.
    #[default]
    Default,
    /// A variable of OpenTelemetry, such as `OTEL_SERVICE_NAME`.
    OpenTelemetry,
    /// A variable of the option itself, such as `DD_SERVICE`, or a key of `DD_TAGS`.
    Environment,
    /// A setter of [`Config`](crate::Config).
    Code,
}

impl Source {
    /// Returns the source in a word: `default`, `otel`, `environment` or `code`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::OpenTelemetry => "otel",
            Self::Environment => "environment",
            Self::Code => "code",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The sources of the options that are set, by the names of the options.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources(Vec<(&'static str, Source)>);

impl Sources {
    pub(super) fn of(&self, option: &str) -> Source {
        self.0.iter().find(|(name, _)| *name == option).map_or(Source::Default, |(_, it)| *it)
    }

    pub(super) fn set(&mut self, option: &'static str, source: Source) {
        match self.0.iter_mut().find(|(name, _)| *name == option) {
            Some((_, known)) => *known = source,
            None => self.0.push((option, source)),
        }
    }
}
