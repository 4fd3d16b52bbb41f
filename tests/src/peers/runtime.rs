//! The two runtimes that peers need, found on this machine, with the pinned packages installed for them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use super::{
    environment::{inherited, say},
    install::{install, run, target_folder},
    skip::Test,
};

/// The folder with the programs and pinned dependencies of the peers.
pub(super) const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

/// The oldest Python for which `requirements.txt` is complete.
const PYTHON_MINOR: u32 = 11;
/// The oldest Node for which `package-lock.json` is made.
const NODE_MAJOR: u32 = 20;

/// The runtime that a peer's program needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runtime {
    Python,
    Node,
}

/// The reason why a runtime cannot be used.
#[derive(Debug)]
enum Unavailable {
    /// It is not on this machine, or too old: a test may be skipped.
    Missing(String),
    /// It is there, and installing into it failed.
    Broken(io::Error),
}

impl From<io::Error> for Unavailable {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl Runtime {
    /// Returns a command that runs `program` of `tests/peers`, or prints that `test` is skipped and returns `None`.
    ///
    /// Blocks while packages are installed.
    ///
    /// # Panics
    /// When an install fails, and when the runtime is missing while `CI` is set.
    pub(super) fn command(self, test: &Test, program: &str) -> Option<Command> {
        static PYTHON: OnceLock<Result<PathBuf, Unavailable>> = OnceLock::new();
        static NODE: OnceLock<Result<PathBuf, Unavailable>> = OnceLock::new();
        let installed = match self {
            Self::Python => PYTHON.get_or_init(python),
            Self::Node => NODE.get_or_init(node),
        };
        let folder = match installed {
            Ok(folder) => folder,
            Err(Unavailable::Missing(why)) => {
                test.skip(why);
                return None;
            }
            Err(Unavailable::Broken(error)) => panic!("cannot install the {self:?} peers: {error}"),
        };
        let mut command = match self {
            Self::Python => Command::new(folder.join("bin/python")),
            Self::Node => Command::new("node"),
        };
        command.env_clear().envs(inherited()).arg(Path::new(PEERS).join(program));
        match self {
            // Nothing is written beside the sources.
            Self::Python => command.env("PYTHONDONTWRITEBYTECODE", "1"),
            Self::Node => command.env("NODE_PATH", folder.join("node_modules")),
        };
        Some(command)
    }
}

/// The folder of the virtual environment.
fn python() -> Result<PathBuf, Unavailable> {
    let version = probe(
        Command::new("python3")
            .args(["-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]),
    )?;
    let mut numbers = version.trim().split('.').map(|number| number.parse().unwrap_or(0));
    if (numbers.next(), numbers.next()) < (Some(3), Some(PYTHON_MINOR)) {
        return Err(Unavailable::Missing(format!(
            "python3 is {}, not 3.{PYTHON_MINOR} or later",
            version.trim()
        )));
    }
    let pins = include_str!("../../peers/requirements.txt");
    install(&target_folder().join("peers"), "python", &format!("{version}{pins}"), |folder| {
        say(&format!("installing the pinned Python peers into {}, once", folder.display()));
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        // The pins are complete, so nothing that is not pinned may come in.
        run(Command::new(folder.join("bin/python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-input",
                "--disable-pip-version-check",
                "--no-deps",
                "-r",
            ])
            .arg(Path::new(PEERS).join("requirements.txt")))?;
        Ok(())
    })
}

/// The folder that has `node_modules`.
fn node() -> Result<PathBuf, Unavailable> {
    let version = probe(Command::new("node").arg("--version"))?;
    let major =
        version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major < Some(NODE_MAJOR) {
        return Err(Unavailable::Missing(format!(
            "node is {}, not {NODE_MAJOR} or later",
            version.trim()
        )));
    }
    let pins = include_str!("../../peers/package-lock.json");
    install(&target_folder().join("peers"), "node", &format!("{version}{pins}"), |folder| {
        probe(Command::new("npm").arg("--version"))?;
        say(&format!("installing the pinned Node peers into {}, once", folder.display()));
        for file in ["package.json", "package-lock.json"] {
            fs::copy(Path::new(PEERS).join(file), folder.join(file))?;
        }
        // dd-trace has no install scripts; its optional parts (profiling, security) are native and large.
        run(Command::new("npm")
            .args(["ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"])
            .current_dir(folder))?;
        Ok(())
    })
}

/// The version that a program prints. A program that prints none (a placeholder of macOS or pyenv) counts as missing.
fn probe(command: &mut Command) -> Result<String, Unavailable> {
    run(command).map_err(|error| {
        Unavailable::Missing(format!(
            "{} is not installed: {error}",
            command.get_program().display()
        ))
    })
}
