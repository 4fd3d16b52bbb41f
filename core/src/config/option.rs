//! One option, and the table of all of them.

use std::fmt::Write;

use super::{ParseError, options::GROUPS};
use crate::Config;

/// An option: its variables, its default and its meaning.
///
/// The README's table, the warnings and the [settings](Config::settings) are written from it.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConfigOption {
    /// The variables of the option. The first one that is set and not empty wins.
    pub variables: &'static [&'static str],
    /// The default: in backticks if a variable could have this text, else in words.
    pub default: &'static str,
    /// A sentence about the option.
    pub(super) about: &'static str,
    /// Whether an empty text is a value of its own. Otherwise it is as if unset.
    pub takes_empty: bool,
    pub(super) read: fn(&mut Config, &str) -> Result<(), ParseError>,
    pub(super) show: fn(&Config) -> Option<String>,
}

/// Returns all options, by topic.
pub fn options() -> impl Iterator<Item = &'static ConfigOption> {
    GROUPS.iter().copied().flatten()
}

/// Returns the options as a Markdown table: variable, default, meaning.
pub fn options_table() -> String {
    let mut table = String::from("| variable | default | meaning |\n|---|---|---|\n");
    for option in options() {
        let names = option.variables.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let (default, about) = (option.default, option.about());
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {} | {default} | {about} |", names.join(", "));
    }
    table
}

impl ConfigOption {
    /// Returns the option of this name, which is its first variable.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        options().find(|option| option.name() == name)
    }

    /// Returns the name of the option: its first variable.
    pub fn name(&self) -> &'static str {
        self.variables.first().copied().unwrap_or_default()
    }

    /// Returns a sentence about the option.
    pub fn about(&self) -> &'static str {
        self.about.trim()
    }

    /// Returns the value that is in force, as a variable would have it; `None` if there is none.
    pub(super) fn show(&self, config: &Config) -> Option<String> {
        (self.show)(config)
    }

    /// Finds the value of the option: the variable that has it, and its text.
    pub(super) fn find(
        &self,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Option<(&'static str, String)> {
        let is_set = |text: &str| self.takes_empty || !text.trim().is_empty();
        let mut found = self.variables.iter().filter_map(|name| Some((*name, lookup(name)?)));
        found.find(|(_, text)| is_set(text))
    }
}
