//! The options table: one row for each option, from which parsing, warnings and README are made.

mod agent;
mod client;
mod dogstatsd;
mod http;
mod process;
mod propagation;
mod sampling;
mod service;

use std::fmt::Write;

use super::{ConfigWarning, ParseError};
use crate::Config;

/// One option: its variables, its default, its meaning, and how its text is read.
#[derive(Debug)]
pub struct ConfigOption {
    /// The first name that is set and not empty wins; those behind the first one are aliases.
    pub env: &'static [&'static str],
    /// The default, in words.
    pub default: &'static str,
    /// What the option does.
    pub about: &'static str,
    /// Whether an empty text is a value of its own, and not as if unset.
    pub takes_empty: bool,
    pub(super) read: fn(&mut Config, &str) -> Result<(), ParseError>,
}

/// All options, in the order in which they are applied.
pub fn options() -> impl Iterator<Item = &'static ConfigOption> {
    // What has a variable of its own is read before `DD_TAGS`, which is among those of the service.
    [
        process::OPTIONS,
        service::OPTIONS,
        agent::OPTIONS,
        dogstatsd::OPTIONS,
        sampling::OPTIONS,
        propagation::OPTIONS,
        client::OPTIONS,
        http::OPTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The options as a Markdown table: variable, default, meaning.
pub fn options_table() -> String {
    let mut table = String::from("| variable | default | meaning |\n|---|---|---|\n");
    for option in options() {
        let names = option.env.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let (default, about) = (option.default, option.about);
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {} | {default} | {about} |", names.join(", "));
    }
    table
}

impl ConfigOption {
    /// Applies the value that `lookup` finds, if any.
    pub(super) fn apply(
        &self,
        config: &mut Config,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), ConfigWarning> {
        let mut found = self.env.iter().filter_map(|variable| Some((*variable, lookup(variable)?)));
        let is_set = |value: &str| self.takes_empty || !value.trim().is_empty();
        let Some((variable, value)) = found.find(|(_, value)| is_set(value)) else {
            return Ok(());
        };
        (self.read)(config, value.trim()).map_err(|error| {
            let default = self.default;
            ConfigWarning { variable, value, error, default }
        })
    }
}
