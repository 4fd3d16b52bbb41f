//! The speed of two threads that record spans, compared with one.

use std::{
    env, io,
    process::Command,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use crate::{
    agent::Agent,
    subject::{self, Recorder},
};

const THREADS: &str = "--threads";
/// Spans that a thread records at once, few enough that they wait until the burst is over.
const BURST: u32 = 500;
const BURSTS: usize = 200;

/// Records bursts and prints the quotient, if the arguments say so.
pub(crate) fn perform(arguments: &[String]) -> Option<io::Result<()>> {
    let [flag, key, agent, bursts] = arguments else { return None };
    (flag == THREADS).then_some(())?;
    let subject = subject::all().into_iter().find(|subject| subject.key == *key)?;
    let recorder = subject.recorder?(agent);
    let bursts = bursts.parse().ok()?;
    let [one, two] = [1, 2].map(|threads| shortest(&recorder, bursts, threads));
    println!("{:.2} {:.0}", 2.0 * one / two, one / f64::from(BURST));
    Some(Ok(()))
}

/// Measures the tracers that the words name, or all, and prints a table.
pub(crate) fn run(words: &[&str], is_once: bool) -> io::Result<()> {
    println!("| tracer | spans on 2 threads over 1 | ns per span on 1 |");
    println!("|---|--:|--:|");
    for subject in subject::all() {
        let is_chosen = words.is_empty() || words.contains(&subject.key);
        if subject.recorder.is_none() || !is_chosen {
            continue;
        }
        let agent = Agent::start_counting()?;
        let mut command = Command::new(env::current_exe()?);
        let bursts = if is_once { 1 } else { BURSTS }.to_string();
        let output = command.args([THREADS, subject.key, agent.url(), &bursts]).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let (quotient, nanos) = text.trim().split_once(' ').unwrap_or_default();
        println!("| {} | {quotient} | {nanos} |", subject.key);
    }
    Ok(())
}

/// The nanoseconds of the shortest burst: a longer one was interrupted.
fn shortest(recorder: &Recorder, bursts: usize, threads: usize) -> f64 {
    let times = (0..bursts).map(|_| {
        let barrier = Barrier::new(threads);
        let time = thread::scope(|scope| {
            let burst = || {
                barrier.wait();
                let start = Instant::now();
                (0..BURST).for_each(|_| (recorder.record)());
                start.elapsed()
            };
            let running = (0..threads).map(|_| scope.spawn(burst)).collect::<Vec<_>>();
            let times = running.into_iter().map(|thread| thread.join().expect("no panic"));
            times.max().unwrap_or(Duration::MAX)
        });
        (recorder.flush)();
        time
    });
    times.min().unwrap_or_default().as_nanos() as f64
}
