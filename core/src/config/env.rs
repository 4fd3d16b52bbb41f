//! The only reader of the environment of the process: its variables, program and host.

use std::{
    env::{self, consts::EXE_SUFFIX},
    ffi::OsString,
    fs::{self, File},
    io::Read,
    path::Path,
};

/// The most bytes of a file that is part of the configuration.
const MAX_FILE_BYTES: u64 = 1 << 20;

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

/// The text of a file; `None` if it cannot be read or has more than 1 MiB.
///
/// A pipe or a device could block the start, or never end, so it is not opened.
pub(super) fn file(path: &str) -> Option<String> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).ok()?;
    (text.len() as u64 <= MAX_FILE_BYTES).then_some(text)
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

#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    /// The text of a file that `make` puts at a new path.
    fn file_made_by(name: &str, make: impl FnOnce(&str)) -> Option<String> {
        let path = env::temp_dir().join(format!("packdog-{name}-{}", process::id()));
        let path = path.to_str().unwrap();
        make(path);
        let text = file(path);
        let _ = fs::remove_file(path);
        text
    }

    #[test]
    fn a_file_that_is_missing_too_large_or_no_text_is_none() {
        let largest = MAX_FILE_BYTES as usize;
        for (length, is_read) in [(0, true), (largest, true), (largest + 1, false)] {
            let text = file_made_by("size", |path| fs::write(path, " ".repeat(length)).unwrap());
            assert_eq!(text.map(|text| text.len()), is_read.then_some(length));
        }
        assert_eq!(file_made_by("binary", |path| fs::write(path, b"\xff").unwrap()), None);
        assert_eq!(file_made_by("missing", |_| ()), None);
        assert_eq!(file(env::temp_dir().to_str().unwrap()), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_or_a_device_is_not_opened() {
        let text = file_made_by("pipe", |path| {
            assert!(process::Command::new("mkfifo").arg(path).status().unwrap().success());
        });
        assert_eq!((text, file("/dev/zero")), (None, None));
    }
}
