//! Installation of pinned packages into a folder, once for all processes.
//!
//! A folder is complete when its `pins` file, written last, equals the requested one:
//! a changed pin or an interrupted install leads to a new install.
//! A lock on a file beside the folder makes other test processes wait.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder `name` in `home`, filled by `fill` unless it already holds `pins`.
///
/// # Errors
/// An error of the file system or of `fill`; the next call starts over.
pub(super) fn install<E: From<io::Error>>(
    home: &Path,
    name: &str,
    pins: &str,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<PathBuf, E> {
    fs::create_dir_all(home)?;
    let lock = File::create(home.join(format!("{name}.lock")))?;
    // The standard library's own lock is younger than our `rust-version`. Closing the file releases it.
    fs4::FileExt::lock(&lock)?;
    let folder = home.join(name);
    let stamp = folder.join("pins");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir(&folder)?;
    fill(&folder)?;
    fs::write(stamp, pins)?;
    Ok(folder)
}

/// Runs `command` to its end and returns its output.
///
/// # Errors
/// `NotFound` if there is no such program, else an error with the command and its output.
pub(super) fn run(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{command:?}: {}\n{printed}{complaint}", output.status)))
}

/// Cargo's target folder, wherever it was put: the folder above this program that Cargo marked.
pub(super) fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let marked = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    marked.unwrap_or(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target"))).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder for one test, empty at its start.
    fn empty_home(name: &str) -> PathBuf {
        let home = target_folder().join("peers-install-tests").join(name);
        if home.exists() {
            fs::remove_dir_all(&home).unwrap();
        }
        home
    }

    #[test]
    fn installs_once_for_the_same_pins() {
        let home = empty_home("once");
        let mut fills = 0;
        for _ in 0..2 {
            install(&home, "python", "a==1", |_| {
                fills += 1;
                io::Result::Ok(())
            })
            .unwrap();
        }
        assert_eq!(fills, 1);
    }

    #[test]
    fn changed_pins_install_into_an_empty_folder() {
        let home = empty_home("changed");
        install(&home, "python", "a==1", |folder| fs::write(folder.join("old"), "")).unwrap();
        let folder =
            install(&home, "python", "a==2", |folder| fs::write(folder.join("new"), "")).unwrap();
        assert!(folder.join("new").exists());
        assert!(!folder.join("old").exists());
    }

    #[test]
    fn a_failed_install_starts_over() {
        let home = empty_home("failed");
        let failed = install(&home, "python", "a==1", |folder| {
            fs::write(folder.join("half"), "")?;
            Err(io::Error::other("no network"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no network");
        let folder = install(&home, "python", "a==1", |_| io::Result::Ok(())).unwrap();
        assert!(!folder.join("half").exists());
    }

    #[test]
    fn the_error_of_a_failed_command_has_its_output() {
        let error = run(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]))
            .unwrap_err()
            .to_string();
        assert!(error.contains("out") && error.contains("err") && error.contains('3'), "{error}");
    }
}
