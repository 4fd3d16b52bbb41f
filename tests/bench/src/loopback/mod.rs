//! Servers under load on the loopback interface: the server on one core, the load on the other.
//!
//! All servers run from the beginning, and are loaded in turns, so that a busy minute of the
//! machine is a busy minute of all.

mod load;
mod usage;

use std::{
    env, io,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr},
    process::{self, Child, Command, Stdio},
    time::Duration,
};

use tokio::{net::TcpListener, runtime::Builder};

pub(crate) use self::usage::Usage;
use crate::{
    agent::Agent,
    row::BARE,
    subject::{self, Subject},
};

const SERVE: &str = "--serve";
const LOAD: &str = "--load";
/// Cores of the server, and of the load and the Agent.
const CORES: [&str; 2] = ["0", "1"];
/// Passes that count, after one for caches and pools, and the seconds of each.
const PASSES: usize = 5;
const SECONDS: u64 = 3;

/// Runs the server or the load that the arguments of this process name, if they name one.
pub(crate) fn perform(arguments: &[String]) -> Option<io::Result<()>> {
    match arguments.iter().map(|word| &**word).collect::<Vec<_>>()[..] {
        [SERVE, key, agent] => {
            let subject = subject::all().into_iter().find(|subject| subject.key == key)?;
            Some(serve(&subject, agent))
        }
        [LOAD, server, seconds] => {
            let time = Duration::from_secs(seconds.parse().ok()?);
            Some(load::run(server.parse().ok()?, time).map(|count| println!("{count}")))
        }
        _ => None,
    }
}

/// Serves until the process is ended.
fn serve(subject: &Subject, agent: &str) -> io::Result<()> {
    let (app, _until_the_end) = (subject.server)(agent);
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("{}", listener.local_addr()?);
        axum::serve(listener, app).await
    })
}

/// A server in a process of its own, and the result of each pass.
#[derive(Debug)]
struct Server {
    subject: Subject,
    agent: Agent,
    process: Child,
    address: SocketAddr,
    passes: Vec<Pass>,
}

/// The result of a pass.
#[derive(Clone, Copy, Debug)]
struct Pass {
    requests: f64,
    per_second: f64,
    cpu_micros_per_request: f64,
}

/// Loads the servers that the words name, or all, and prints a table.
pub(crate) fn run(words: &[&str], is_once: bool) -> io::Result<()> {
    pin_this_process(CORES[1])?;
    let is_chosen = |key: &str| words.is_empty() || key == BARE || words.contains(&key);
    let subjects = subject::all().into_iter().filter(|subject| is_chosen(subject.key));
    let mut servers = subjects.map(Server::start).collect::<io::Result<Vec<_>>>()?;
    let (passes, seconds) = if is_once { (1, 1) } else { (PASSES, SECONDS) };
    for _ in 0..=passes {
        for server in &mut servers {
            server.pass(seconds)?;
        }
    }
    println!(
        "| server | requests/s | share of bare | server CPU per request, µs | peak memory, MiB \
         | traces of requests at the Agent | leaves out |"
    );
    println!("|---|--:|--:|--:|--:|--:|---|");
    let bare = servers.first().map(|server| server.passes.clone()).unwrap_or_default();
    servers.iter().try_for_each(|server| server.print(&bare))
}

impl Server {
    fn start(subject: Subject) -> io::Result<Self> {
        let agent = Agent::start_counting()?;
        let mut process = pinned(CORES[0])?
            .args([SERVE, subject.key, agent.url()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let out = process.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        BufReader::new(out).read_line(&mut line)?;
        let address = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { subject, agent, process, address, passes: Vec::new() })
    }

    fn pass(&mut self, seconds: u64) -> io::Result<()> {
        let before = Usage::of(self.process.id())?;
        let load = pinned(CORES[1])?
            .args([LOAD, &self.address.to_string(), &seconds.to_string()])
            .output()?;
        let count: f64 =
            String::from_utf8_lossy(&load.stdout).trim().parse().map_err(io::Error::other)?;
        let used = Usage::of(self.process.id())?.cpu.saturating_sub(before.cpu);
        self.passes.push(Pass {
            requests: count,
            per_second: count / seconds as f64,
            cpu_micros_per_request: used.as_secs_f64() * 1e6 / count,
        });
        Ok(())
    }

    fn print(&self, bare: &[Pass]) -> io::Result<()> {
        let measured = self.passes.get(1..).unwrap_or_default();
        let shares = measured.iter().zip(bare.iter().skip(1));
        let requests: f64 = self.passes.iter().map(|pass| pass.requests).sum();
        println!(
            "| {} | {:.0} | {:.2} | {:.1} | {:.1} | {:.2} | {} |",
            self.subject.key,
            median(measured.iter().map(|pass| pass.per_second)),
            median(shares.map(|(own, bare)| own.per_second / bare.per_second)),
            median(measured.iter().map(|pass| pass.cpu_micros_per_request)),
            Usage::of(self.process.id())?.peak_bytes as f64 / f64::from(1 << 20),
            self.agent.traces() as f64 / requests,
            self.subject.leaves_out,
        );
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// This program, on one core with all its threads.
fn pinned(core: &str) -> io::Result<Command> {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", core]).arg(env::current_exe()?);
    Ok(command)
}

/// Keeps this process, which is the Agent, from the core of the servers. Its threads start later and
/// stay with it.
fn pin_this_process(core: &str) -> io::Result<()> {
    let this = process::id().to_string();
    let output = Command::new("taskset").args(["--cpu-list", "--pid", core, &this]).output()?;
    if output.status.success() {
        Ok(())
    } else {
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr)))
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values = values.collect::<Vec<_>>();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
