//! The settings in force, as a list.

use std::fmt;

use packdog_api::Tracer;

use super::{Source, option::options};
use crate::Config;

/// The value of one option that is in force.
///
/// ```
/// use packdog::{Config, config::Source};
///
/// let settings = Config::new().with_service("users").settings();
/// let service = settings.iter().find(|setting| setting.name == "DD_SERVICE").unwrap();
/// assert_eq!(service.value.as_deref(), Some("users"));
/// assert_eq!(service.source, Source::Code);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// The name of the option: its first variable.
    pub name: &'static str,
    /// The value, as a variable would have it; `None` if there is none. Passwords in URLs are
    /// not in it.
    pub value: Option<String>,
    /// The source of the value.
    pub source: Source,
    /// The default, in words.
    pub default: &'static str,
}

/// Shows name, value and source, such as `DD_SERVICE=users (code)`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, source, .. } = self;
        match value {
            Some(value) => write!(f, "{name}={value} ({source})"),
            None => write!(f, "{name} is unset ({source})"),
        }
    }
}

/// The settings that a [`Tracer`] was built with.
///
/// ```
/// use packdog::config::TracerSettings as _;
///
/// let tracer = packdog::Tracer::current();
/// for setting in tracer.settings() {
///     println!("{setting}");
/// }
/// ```
pub trait TracerSettings {
    /// Returns the value of each option that is in force, with its source. Empty for a tracer
    /// that is disabled.
    fn settings(&self) -> &[Setting];
}

impl TracerSettings for Tracer {
    fn settings(&self) -> &[Setting] {
        self.extension::<Vec<Setting>>().map(Vec::as_slice).unwrap_or_default()
    }
}

impl Config {
    /// Returns the value of each option that is in force, with its source.
    pub fn settings(&self) -> Vec<Setting> {
        options()
            .map(|option| Setting {
                name: option.name(),
                value: option.show(self),
                source: self.sources.of(option.name()),
                default: option.default,
            })
            .collect()
    }
}
