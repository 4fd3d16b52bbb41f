//! The only reader of the environment of the process: its variables, program and host.

use std::{
    env::{self, consts::EXE_SUFFIX},
    ffi::OsString,
    fs,
    path::Path,
};

/// The variables, names and values. What is not UTF-8 in them is replaced by `U+FFFD`.
pub(super) fn variables() -> impl Iterator<Item = (String, String)> {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    env::vars_os().map(move |(name, value)| (text(name), text(value)))
}

/// The name of the running program, without a suffix such as `.exe`.
pub(super) fn executable_name() -> Option<String> {
    let name = last_element(&env::current_exe().ok()?)?;
    let name = name.strip_suffix(EXE_SUFFIX).unwrap_or(&name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether a Unix socket, or anything else, is at this path; never where there are none.
pub(super) fn exists(socket: &str) -> bool {
    cfg!(unix) && Path::new(socket).exists()
}

/// The text of a file; `None` if it cannot be read.
pub(super) fn file(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// The name of the host; `None` if no file has it.
pub(super) fn hostname() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The program of the process and its directories, by their last names.
#[cfg(feature = "agent")]
#[derive(Debug, Default)]
pub(crate) struct Entrypoint {
    /// The running program.
    pub(crate) name: Option<String>,
    /// The directory in which it was started.
    pub(crate) workdir: Option<String>,
    /// The directory that holds the program.
    pub(crate) basedir: Option<String>,
}

#[cfg(feature = "agent")]
pub(crate) fn entrypoint() -> Entrypoint {
    let program = env::current_exe().ok();
    Entrypoint {
        name: executable_name(),
        workdir: env::current_dir().ok().as_deref().and_then(last_element),
        basedir: program.as_deref().and_then(Path::parent).and_then(last_element),
    }
}

fn last_element(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}
