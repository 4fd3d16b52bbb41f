//! Runs a case in a process of its own, and counts what one iteration takes.

use std::{
    env, fs, io,
    ops::Sub,
    path::Path,
    process::{Command, Stdio},
};

use crate::cases::Case;

/// Iterations of the shorter and of the longer run under callgrind.
const ITERATIONS: [u32; 2] = [200, 1200];
/// Iterations before and while allocations are counted.
const WARM_UP: u32 = 50;
const COUNTED: u32 = 200;

/// What one iteration takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Instructions of the thread that calls.
    pub(crate) calling: f64,
    /// Instructions of all threads.
    pub(crate) all: f64,
    /// Allocations of the thread that calls.
    pub(crate) allocations: f64,
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            calling: self.calling - other.calling,
            all: self.all - other.all,
            allocations: self.allocations - other.allocations,
        }
    }
}

/// What this program is told when it is to run one case.
#[derive(Debug)]
pub(crate) struct Task {
    operation: usize,
    case: usize,
    agent: String,
    /// How often; 0 counts allocations and prints them.
    iterations: u32,
}

impl Task {
    /// Reads `--case <operation> <case> <agent> <iterations>`.
    pub(crate) fn parse(arguments: &[String]) -> Option<Self> {
        let [flag, operation, case, agent, iterations] = arguments else { return None };
        (flag == "--case").then_some(())?;
        Some(Self {
            operation: operation.parse().ok()?,
            case: case.parse().ok()?,
            agent: agent.clone(),
            iterations: iterations.parse().ok()?,
        })
    }

    pub(crate) fn new(operation: usize, case: usize, agent: String) -> Self {
        Self { operation, case, agent, iterations: 1 }
    }

    pub(crate) fn place(&self) -> (usize, usize) {
        (self.operation, self.case)
    }

    /// Does what the task says, in this process.
    pub(crate) fn perform(&self, case: &Case) {
        let mut step = (case.start)(&self.agent);
        match self.iterations {
            0 => println!("{}", allocations(&mut *step)),
            iterations => iterate(&mut *step, iterations),
        }
    }

    /// Runs one iteration in another process.
    pub(crate) fn try_once(&self) -> io::Result<()> {
        finished(self.command(&[], 1)?).map(drop)
    }

    /// Measures the case in other processes.
    pub(crate) fn measure(&self) -> io::Result<Cost> {
        let [few, many] = ITERATIONS;
        let (before, after) = (self.instructions(few)?, self.instructions(many)?);
        let output = finished(self.command(&[], 0)?)?;
        let cost = |before: u64, after: u64| (after as f64 - before as f64) / f64::from(many - few);
        Ok(Cost {
            calling: cost(before.0, after.0),
            all: cost(before.1, after.1),
            allocations: output.trim().parse().map_err(io::Error::other)?,
        })
    }

    /// The instructions of the calling thread, and of all threads.
    fn instructions(&self, iterations: u32) -> io::Result<(u64, u64)> {
        let folder = tempfile::tempdir()?;
        let out = format!("--callgrind-out-file={}", folder.path().join("out").display());
        let from = format!("--zero-before=*{}::iterate*", module_path!());
        let valgrind =
            ["valgrind", "--quiet", "--tool=callgrind", "--separate-threads=yes", &out, &from];
        finished(self.command(&valgrind, iterations)?)?;
        let threads = threads(folder.path())?;
        let calling = threads.iter().find(|(thread, _)| *thread == 1).map(|(_, total)| *total);
        let calling = calling.ok_or_else(|| io::Error::other("callgrind wrote no thread 1"))?;
        Ok((calling, threads.iter().map(|(_, total)| total).sum()))
    }

    fn command(&self, around: &[&str], iterations: u32) -> io::Result<Command> {
        let program = env::current_exe()?;
        let mut command = match around {
            [] => Command::new(program),
            [first, others @ ..] => {
                let mut command = Command::new(first);
                command.args(others).arg(program);
                command
            }
        };
        let Self { operation, case, agent, .. } = self;
        command.args(["--case", &operation.to_string(), &case.to_string(), agent]);
        command.arg(iterations.to_string());
        Ok(command)
    }
}

/// What callgrind counts of the calling thread begins here.
///
/// What comes before differs from run to run: a peer's clock is calibrated for a fixed time before
/// `main`, which takes millions of instructions, a few more or less.
#[inline(never)]
fn iterate(step: &mut dyn FnMut(), iterations: u32) {
    (0..iterations).for_each(|_| step());
}

/// Waits for the process, and gives what it printed.
fn finished(mut command: Command) -> io::Result<String> {
    let output = command.stderr(Stdio::inherit()).output()?;
    match output.status.success() {
        true => String::from_utf8(output.stdout).map_err(io::Error::other),
        false => Err(io::Error::other(format!("{command:?}: {}", output.status))),
    }
}

/// Numbers of threads and their instructions, as callgrind writes a file for each.
fn threads(folder: &Path) -> io::Result<Vec<(u64, u64)>> {
    let mut threads = Vec::new();
    for file in fs::read_dir(folder)? {
        let text = fs::read_to_string(file?.path())?;
        let number = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().parse::<u64>().ok()
        };
        threads.extend(number("thread:").zip(number("totals:")));
    }
    Ok(threads)
}

fn allocations(step: &mut dyn FnMut()) -> f64 {
    (0..WARM_UP).for_each(|_| step());
    let counted = allocation_counter::measure(|| (0..COUNTED).for_each(|_| step()));
    counted.count_total as f64 / f64::from(COUNTED)
}
