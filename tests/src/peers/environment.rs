//! The environment: the variable that turns a skip into a failure, and the variables that a peer inherits.

use std::ffi::OsString;

/// Whether this is a run in which no test may be skipped.
pub(super) fn is_ci() -> bool {
    variable("CI").is_some_and(|value| !value.is_empty())
}

/// The variables that a peer inherits. All others are removed: a `DD_` variable or a proxy of the developer's would change what is tested.
pub(super) fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    ["PATH", "HOME", "LANG", "TMPDIR"].into_iter().filter_map(|name| Some((name, variable(name)?)))
}

/// The directories in which programs are looked for.
pub(super) fn path() -> Option<OsString> {
    variable("PATH")
}

#[expect(clippy::disallowed_methods, reason = "these are not options of packdog")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
