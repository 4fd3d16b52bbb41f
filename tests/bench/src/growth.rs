//! The growth of a process while the Agent is gone.

use std::{
    env, io,
    net::{Ipv4Addr, TcpListener},
    process::{Command, Stdio},
};

use crate::{loopback::Usage, subject};

const GROW: &str = "--grow";
const SPANS: [usize; 2] = [100_000, 1_000_000];

/// Records spans and prints by how many bytes the process has grown, if the arguments say so.
pub(crate) fn perform(arguments: &[String]) -> Option<io::Result<()>> {
    let [flag, key, agent, spans] = arguments else { return None };
    (flag == GROW).then_some(())?;
    let subject = subject::all().into_iter().find(|subject| subject.key == *key)?;
    let (recorder, spans) = (subject.recorder?, spans.parse::<usize>().ok()?);
    Some(grow(&recorder(agent), spans))
}

fn grow(recorder: &subject::Recorder, spans: usize) -> io::Result<()> {
    (recorder.record)();
    let before = Usage::own()?;
    (0..spans).for_each(|_| (recorder.record)());
    println!("{}", Usage::own()?.peak_bytes.saturating_sub(before.bytes));
    // Without an Agent, an orderly end would only wait.
    std::process::exit(0)
}

/// Measures the tracers that the words name, or all, and prints a table.
pub(crate) fn run(words: &[&str], is_once: bool) -> io::Result<()> {
    // A port that nothing listens on, and one whose connections are never accepted.
    let refusing = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("| tracer | the Agent | growth after 100 000 spans, MiB | after 1 000 000 spans |");
    println!("|---|---|--:|--:|");
    for subject in subject::all() {
        let is_chosen = words.is_empty() || words.contains(&subject.key);
        if subject.recorder.is_none() || !is_chosen {
            continue;
        }
        for (agent, address) in [("refuses", refusing), ("is silent", silent.local_addr()?)] {
            let spans = if is_once { [10, 100] } else { SPANS };
            let url = format!("http://{address}");
            let [few, many] = spans.map(|spans| measure(subject.key, &url, spans));
            println!("| {} | {agent} | {:.1} | {:.1} |", subject.key, few?, many?);
        }
    }
    Ok(())
}

fn measure(key: &str, agent: &str, spans: usize) -> io::Result<f64> {
    let output = Command::new(env::current_exe()?)
        .args([GROW, key, agent, &spans.to_string()])
        .stderr(Stdio::null()) // Each tracer warns that the Agent is gone.
        .output()?;
    let bytes: u64 =
        String::from_utf8_lossy(&output.stdout).trim().parse().map_err(io::Error::other)?;
    Ok(bytes as f64 / f64::from(1 << 20))
}
