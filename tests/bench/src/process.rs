//! Runs a contender in a process of its own, and reads the cost of one operation.

use std::{
    env, fs, io,
    ops::Sub,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    agent::Agent,
    callgrind::{self, Counts},
    row::{Contender, Row},
};

/// Iterations of the shorter and of the longer run under callgrind.
const STEPS: [usize; 2] = [50, 1050];
/// Iterations of a profile: as many as the queue holds, whose longest traces have ten spans.
const PROFILED: usize = 600;
/// Iterations that are timed at once, how often that is done, and those before: together as many as
/// the queue holds, since the sender may not have begun.
const TIMED: usize = 20;
const TIMINGS: usize = 20;
const WARM_UP: usize = 200;
const _: () = assert!(WARM_UP + TIMED * TIMINGS <= PROFILED);
/// The first argument of a process that runs one contender.
const CASE: &str = "--case";

/// The cost of one operation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Instructions and allocations of the thread that calls.
    pub(crate) calling: Counts<f64>,
    /// Those of all threads.
    pub(crate) all: Counts<f64>,
    /// The time on the thread that calls; half of the timings took longer.
    pub(crate) nanos: f64,
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            calling: self.calling - other.calling,
            all: self.all - other.all,
            nanos: self.nanos - other.nanos,
        }
    }
}

/// Runs the contender that the arguments of this process name, if they name one.
///
/// They are `--case <row> <contender> <agent> <iterations>`; zero iterations are timed ones.
pub(crate) fn perform(rows: &[Row], arguments: &[String]) -> Option<io::Result<()>> {
    let [flag, row, contender, agent, steps] = arguments else { return None };
    (flag == CASE).then_some(())?;
    let row = rows.iter().find(|known| known.key == row)?;
    let contender = row.contenders.iter().find(|known| known.key == contender)?;
    let mut step = (contender.start)(agent);
    match steps.parse().ok()? {
        0 => println!("{}", time(&mut *step)),
        steps => iterate(&mut *step, steps),
    }
    Some(Ok(()))
}

/// Runs one iteration, and sees that its spans arrive.
pub(crate) fn try_once(row: &Row, contender: &Contender) -> io::Result<()> {
    run(row, contender, 1, |command| command).map(drop)
}

/// Measures the contender in three processes.
pub(crate) fn measure(row: &Row, contender: &Contender) -> io::Result<Cost> {
    let [few, many] = STEPS;
    let (before, after) = (count(row, contender, few)?, count(row, contender, many)?);
    let operations = (many - few) as f64 * row.per_step;
    let nanos: f64 =
        run(row, contender, 0, |command| command)?.trim().parse().map_err(io::Error::other)?;
    Ok(Cost {
        calling: after.calling.per_operation(before.calling, operations),
        all: after.all.per_operation(before.all, operations),
        nanos: nanos / row.per_step,
    })
}

/// Runs the contender under callgrind, and returns the file to look at.
pub(crate) fn profile(row: &Row, contender: &Contender, folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let out = folder.join(format!("{}-{}.callgrind", row.key, contender.key));
    run(row, contender, PROFILED, |command| callgrind::around(&command, &out, iterate_pattern()))?;
    Ok(out)
}

fn count(row: &Row, contender: &Contender, steps: usize) -> io::Result<callgrind::Threads> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("out");
    run(row, contender, steps, |command| callgrind::around(&command, &out, iterate_pattern()))?;
    callgrind::read(folder.path())
}

/// Runs the contender, compares what arrived at the Agent, and returns what was printed.
fn run(
    row: &Row,
    contender: &Contender,
    steps: usize,
    around: impl FnOnce(Command) -> Command,
) -> io::Result<String> {
    let agent = Agent::start()?;
    let mut command = Command::new(env::current_exe()?);
    command.args([CASE, row.key, contender.key, agent.url(), &steps.to_string()]);
    let mut command = around(command);
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{command:?}: {}", output.status)));
    }
    let steps = if steps == 0 { WARM_UP + TIMED * TIMINGS } else { steps };
    if let Some(sends) = contender.sends {
        let arrived = agent.verify(sends, steps);
        arrived.map_err(|error| io::Error::other(format!("{command:?}: {error}")))?;
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}

/// Callgrind counts from here on.
///
/// The work before it differs from run to run: a peer's clock is calibrated for a fixed time before
/// `main`, which takes millions of instructions, a few more or less.
#[inline(never)]
fn iterate(step: &mut dyn FnMut(), steps: usize) {
    (0..steps).for_each(|_| step());
}

fn iterate_pattern() -> &'static str {
    concat!("*", module_path!(), "::iterate*")
}

/// The median of the timings, per iteration.
fn time(step: &mut dyn FnMut()) -> f64 {
    (0..WARM_UP).for_each(|_| step());
    let mut timings = [(); TIMINGS].map(|()| {
        let start = Instant::now();
        (0..TIMED).for_each(|_| step());
        start.elapsed()
    });
    timings.sort_unstable();
    timings[TIMINGS / 2].as_nanos() as f64 / TIMED as f64
}
