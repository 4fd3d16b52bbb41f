//! The only reader of the environment of the process.

use std::env::{self, consts::EXE_SUFFIX};

/// The value of a variable; what is not UTF-8 is replaced by `U+FFFD`.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads variables")]
pub(super) fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// The name of the running program, without a suffix such as `.exe`.
pub(super) fn executable_name() -> Option<String> {
    let path = env::current_exe().ok()?;
    let name = path.file_name()?.to_string_lossy();
    let name = name.strip_suffix(EXE_SUFFIX).unwrap_or(&name);
    (!name.is_empty()).then(|| name.to_owned())
}
