//! The environment: the variable that turns a skip into a failure, the variables that a peer inherits, and the terminal.

use std::{
    ffi::OsString,
    io::{self, Write},
};

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

/// Prints to the terminal, past the capture of libtest, which hides the output of tests that pass.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

#[expect(clippy::disallowed_methods, reason = "these are not options of packdog")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
