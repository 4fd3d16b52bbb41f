//! The time that a clean release build of an application takes, with different tracers in it.
//!
//! The applications are in the folder `applications`, and use the versions of the benchmarks.
//! Nothing is downloaded while the clock runs.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// The packages, and what each traces with.
const APPLICATIONS: [(&str, &str); 3] = [
    ("bare", "no tracing"),
    ("packdog", "**packdog**, packdog-server, packdog-client"),
    ("datadog", "datadog-opentelemetry, axum-tracing-opentelemetry, reqwest-tracing"),
];
/// Compilers that run at once.
const JOBS: &str = "2";
/// The ticks of a second in `/proc`, on every platform of Linux that Rust has.
const TICKS: f64 = 100.0;

/// Builds the applications that the words name, or all, and prints a table.
///
/// Once means that they are only checked.
pub(crate) fn run(words: &[&str], is_once: bool) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let applications = folder.join("applications");
    fs::copy(folder.join("Cargo.lock"), applications.join("Cargo.lock"))?;
    let chosen = |key: &str| words.is_empty() || words.contains(&key);
    println!("| an application with | crates | clean release build, s | its CPU time, s |");
    println!("|---|--:|--:|--:|");
    for (key, name) in APPLICATIONS.into_iter().filter(|(key, _)| chosen(key)) {
        let build = Build { manifest: applications.join(key).join("Cargo.toml") };
        let crates = build.crates()?;
        if is_once {
            build.check(&folder.join("target/applications"))?;
            println!("| {name} | {crates} | | |");
            continue;
        }
        let (time, cpu) = build.time()?;
        println!("| {name} | {crates} | {:.1} | {cpu:.1} |", time.as_secs_f64());
    }
    Ok(())
}

struct Build {
    manifest: PathBuf,
}

impl Build {
    /// The number of crates that the application consists of. Counting them downloads them, too.
    fn crates(&self) -> io::Result<usize> {
        succeed(self.cargo("fetch"))?;
        let mut tree = self.cargo("tree");
        let output =
            tree.args(["--edges", "normal", "--prefix", "none", "--no-dedupe"]).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut crates: Vec<_> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
        crates.sort_unstable();
        crates.dedup();
        Ok(crates.len())
    }

    fn check(&self, target: &Path) -> io::Result<()> {
        let mut check = self.cargo("check");
        check.arg("--quiet").arg("--target-dir").arg(target);
        succeed(check)
    }

    /// The time on the clock, and that of all processors in seconds. The latter hardly depends on
    /// the other work of the machine.
    fn time(&self) -> io::Result<(Duration, f64)> {
        let target = tempfile::tempdir()?;
        let mut build = self.cargo("build");
        build.args(["--release", "--offline", "--quiet", "--jobs", JOBS]);
        build.arg("--target-dir").arg(target.path());
        let (before, start) = (cpu_of_children()?, Instant::now());
        succeed(build)?;
        Ok((start.elapsed(), cpu_of_children()? - before))
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.arg(command).arg("--manifest-path").arg(&self.manifest);
        // Those of `cargo run`, which would change what is built.
        cargo.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
        cargo
    }
}

fn succeed(mut command: Command) -> io::Result<()> {
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(io::Error::other(format!("{command:?}: {status}"))),
    }
}

/// The CPU time of the processes that have ended and were waited for, in seconds.
fn cpu_of_children() -> io::Result<f64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    children_of_stat(&text).ok_or_else(|| io::Error::other("unreadable: /proc/self/stat"))
}

/// The fields `cutime` and `cstime`: the 16th and 17th, of which the second is the name in
/// parentheses and may hold spaces.
fn children_of_stat(text: &str) -> Option<f64> {
    let (_, behind_name) = text.rsplit_once(") ")?;
    let mut fields = behind_name.split(' ').skip(13).map(str::parse::<u64>);
    let ticks = fields.next()?.ok()? + fields.next()?.ok()?;
    Some(ticks as f64 / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_children_is_read_behind_any_name() {
        let text = "7 (a) b) S 1 7 7 0 -1 4194304 1 2 3 4 50 60 700 84 20 0 1 0 99 5 6";
        assert_eq!(children_of_stat(text), Some(7.84));
    }
}
