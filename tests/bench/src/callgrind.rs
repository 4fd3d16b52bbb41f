//! Counting with callgrind: instructions, and calls of the allocator.
//!
//! Unlike time, both are nearly the same in every run and on every machine. Calls of the allocator
//! are read from the call graph, so that no counting allocator distorts the measurement.

use std::{ffi::OsStr, fs, io, ops::Sub, path::Path, process::Command};

/// Functions that allocate.
const ALLOCATORS: [&str; 5] = ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"];

/// Instructions, and calls that allocate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts<T = u64> {
    pub(crate) instructions: T,
    pub(crate) allocations: T,
}

/// The counts of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Threads {
    /// Those of the main thread.
    pub(crate) calling: Counts,
    /// Those of all threads.
    pub(crate) all: Counts,
}

impl Counts {
    /// The counts of one operation, between a run and a shorter one.
    pub(crate) fn per_operation(self, shorter: Self, operations: f64) -> Counts<f64> {
        let share = |longer: u64, shorter: u64| (longer as f64 - shorter as f64) / operations;
        Counts {
            instructions: share(self.instructions, shorter.instructions),
            allocations: share(self.allocations, shorter.allocations),
        }
    }
}

impl<T: Sub<Output = T>> Sub for Counts<T> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            instructions: self.instructions - other.instructions,
            allocations: self.allocations - other.allocations,
        }
    }
}

/// The same command under callgrind, which counts from the function on that the pattern matches,
/// and writes a file for each thread.
pub(crate) fn around(command: &Command, out: &Path, from: &str) -> Command {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind", "--separate-threads=yes"]);
    valgrind.arg(format!("--callgrind-out-file={}", out.display()));
    valgrind.arg(format!("--zero-before={from}"));
    let arguments = command.get_args().map(OsStr::to_owned);
    valgrind.arg(command.get_program()).args(arguments.collect::<Vec<_>>());
    valgrind
}

/// Reads the files of all threads.
pub(crate) fn read(folder: &Path) -> io::Result<Threads> {
    let mut threads = Threads::default();
    for file in fs::read_dir(folder)? {
        let text = fs::read_to_string(file?.path())?;
        let number = |name: &str| -> Option<u64> {
            text.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok()
        };
        let Some((thread, instructions)) = number("thread:").zip(number("totals:")) else {
            continue;
        };
        let counts = Counts { instructions, allocations: allocations(&text) };
        if thread == 1 {
            threads.calling = counts;
        }
        threads.all.instructions += counts.instructions;
        threads.all.allocations += counts.allocations;
    }
    match threads.calling.instructions {
        0 => Err(io::Error::other("callgrind wrote nothing about the main thread")),
        _ => Ok(threads),
    }
}

/// The number of calls of the allocator: `cfn=` names a callee, and the `calls=` after it is the number of calls.
///
/// A name is written once, as `(12) malloc`, and is `(12)` from then on.
fn allocations(text: &str) -> u64 {
    let mut known = Vec::new();
    let (mut is_allocator, mut count) = (false, 0);
    for line in text.lines() {
        let is_callee = line.starts_with("cfn=");
        if let Some(name) = line.strip_prefix("cfn=").or_else(|| line.strip_prefix("fn=")) {
            let (id, name) = name.split_once(' ').unwrap_or((name, ""));
            if ALLOCATORS.contains(&name) {
                known.push(id.to_owned());
            }
            is_allocator = is_callee && known.iter().any(|known| known == id);
        } else if let Some(calls) = line.strip_prefix("calls=").filter(|_| is_allocator) {
            let calls = calls.split(' ').next().and_then(|calls| calls.parse::<u64>().ok());
            count += calls.unwrap_or(0);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_the_allocator_are_counted_from_all_callers() {
        let text = "fn=(1) main\n1 5\ncfn=(2) malloc\ncalls=3 0\n1 90\n\
                    cfn=(3) free\ncalls=7 0\n1 9\nfn=(2)\n1 80\n\
                    fn=(4) load\ncfi=(1)\ncfn=(2)\ncalls=4 0\n1 9\n";
        assert_eq!(allocations(text), 7);
    }
}
