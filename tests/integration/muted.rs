//! A program whose standard error is full and blocked: its messages are lost, and nothing else.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use packdog_dev_agent::DevAgent;

/// Far longer than the program runs, and shorter than it waits for a delivery.
const PATIENCE: Duration = Duration::from_secs(45);

#[test]
fn spans_arrive_and_shutdown_returns_while_standard_error_is_blocked() {
    let agent = DevAgent::start().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_muted"))
        .env("DD_TRACE_AGENT_URL", agent.url())
        // Settings that are unusable, so that there is something to say from the start.
        .env("DD_TRACE_SAMPLE_RATE", "50")
        .env("DD_TRACE_STARTUP_LOGS", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = program.stderr.take().unwrap();
    stderr.read_exact(&mut [0]).unwrap();
    program.stdin.take().unwrap().write_all(b"go\n").unwrap();

    let mut stdout = program.stdout.take().unwrap();
    let (done, is_done) = channel();
    thread::spawn(move || {
        let mut printed = String::new();
        stdout.read_to_string(&mut printed).unwrap();
        let _ = done.send(printed); // The test may have given up.
    });
    let printed = is_done.recv_timeout(PATIENCE);
    if printed.is_err() {
        program.kill().unwrap();
    }
    let status = program.wait().unwrap();
    assert_eq!(printed.as_deref(), Ok("flushed 100 0 0\nshut down 101 0 0\n"));
    assert!(status.success(), "{status}");
    let spans = agent.traces().iter().map(|trace| trace.spans().count()).sum::<usize>();
    assert_eq!(spans, 101);
    drop(stderr);
}
