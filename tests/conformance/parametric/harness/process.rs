//! The server's process, for as long as its guard lives.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Stdio},
    thread,
};

/// A running server.
pub(super) struct Process {
    child: Child,
    pub(super) url: String,
}

impl Process {
    /// Starts the server with this environment and no other; it listens when this returns.
    pub(super) fn start(environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_parametric-server"))
            .env_clear()
            .env("APM_TEST_CLIENT_SERVER_PORT", "0")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port: Option<u16> = line.trim_end().strip_prefix("port ").and_then(|n| n.parse().ok());
        let mut process = Self { child, url: String::new() };
        match port {
            Some(port) => process.url = format!("http://127.0.0.1:{port}"),
            None => panic!("the server does not listen, but prints {line:?}"),
        }
        process
    }

    /// Ends the server, and returns what it wrote to standard error.
    pub(super) fn end(&mut self) -> String {
        // It fails only if the server is gone already.
        let _ = self.child.kill();
        let mut output = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut output).unwrap();
        }
        self.child.wait().unwrap();
        output
    }

    /// The signal by which the server ends, which it does by itself.
    pub(super) fn signal(&mut self) -> Option<i32> {
        self.child.wait().unwrap().signal()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let output = self.end();
        if thread::panicking() && !output.is_empty() {
            eprintln!("--- output of the server\n{output}---");
        }
    }
}
