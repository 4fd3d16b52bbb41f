//! A peer's process, for as long as its guard lives.
//!
//! ```text
//! child: binds 127.0.0.1:0 ──prints "port N"──▶ guard: GET readiness ──▶ ready
//! child: reads stdin until its end, then exits ◀── the guard holds the other end
//! ```
//! The child chooses its port, so no other process can take it first.
//! When the guard drops, exactly this child is killed; when the test process dies, its end of stdin closes.
//! The peers start no processes that outlive them.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};

use packdog::internal::lock;
use tokio::{sync::oneshot, time::timeout};

use super::{runtime::Runtime, skip::Test};

/// The longest time until a peer's first response, and until each later one.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A client that goes straight to the peer, also where the environment names a proxy.
pub(super) fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
    client.unwrap_or_else(|error| panic!("no HTTP client: {error}"))
}

/// A running child.
#[derive(Debug)]
pub(super) struct Peer {
    name: String,
    child: Child,
    readers: Vec<JoinHandle<()>>,
    printed: Arc<Mutex<String>>,
    url: String,
}

impl Peer {
    /// Starts `program` and waits until it responds at `readiness`, or returns `None` if the runtime is missing.
    ///
    /// # Panics
    /// When it cannot start or does not respond within [`PATIENCE`].
    pub(super) async fn start(
        name: &str,
        runtime: Runtime,
        program: &'static str,
        environment: &[(String, String)],
        readiness: &str,
    ) -> Option<Self> {
        let test = Test::current();
        let command = tokio::task::spawn_blocking(move || runtime.command(&test, program)).await;
        let mut command =
            command.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))?;
        command.envs(environment.iter().map(|(key, value)| (key, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let printed = Arc::default();
        let (announce, announced) = oneshot::channel();
        let stdout =
            child.stdout.take().map(|stdout| gather(stdout, Arc::clone(&printed), Some(announce)));
        let stderr = child.stderr.take().map(|stderr| gather(stderr, Arc::clone(&printed), None));
        let readers = stdout.into_iter().chain(stderr).collect();
        let mut peer = Self { name: name.to_owned(), child, readers, printed, url: String::new() };
        match timeout(PATIENCE, announced).await {
            Ok(Ok(port)) => peer.url = format!("http://127.0.0.1:{port}"),
            Ok(Err(_)) => panic!("{name} ended before it listened"),
            Err(_) => panic!("{name} did not listen within {PATIENCE:?}"),
        }
        // It listens already, so one request is enough: it waits in the backlog until the peer is ready.
        let ready = client().get(peer.url(readiness)).send().await;
        if let Err(error) = ready.and_then(reqwest::Response::error_for_status) {
            panic!("{name} is not ready: {error}");
        }
        Some(peer)
    }

    /// The address of `path` at this peer.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for Peer {
    #[expect(clippy::print_stderr, reason = "libtest shows it with the test that failed")]
    fn drop(&mut self) {
        // Both fail only if the child is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            // The last lines, which are the most useful, may still be on their way.
            for reader in self.readers.drain(..) {
                let _ = reader.join();
            }
            let printed = lock(&self.printed);
            eprintln!("--- what {} printed\n{printed}---", self.name);
        }
    }
}

/// Collects the lines of a stream until its end; the first `port N` goes to `announce`.
fn gather(
    stream: impl Read + Send + 'static,
    printed: Arc<Mutex<String>>,
    mut announce: Option<oneshot::Sender<u16>>,
) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            if let Some(port) =
                text.trim_end().strip_prefix("port ").and_then(|port| port.parse().ok())
                && let Some(announce) = announce.take()
            {
                // The receiver is gone if the start was given up.
                let _ = announce.send(port);
            }
            lock(&printed).push_str(&text);
            line.clear();
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAMS: [(Runtime, &str, &str); 4] = [
        (Runtime::Python, "test_agent.py", "/info"),
        (Runtime::Python, "service.py", "/healthz"),
        (Runtime::Python, "nats.py", "/healthz"),
        (Runtime::Node, "service.js", "/healthz"),
    ];

    #[tokio::test]
    async fn a_peer_that_does_not_start_is_reported() {
        let Some(_) = Runtime::Python.command(&Test::current(), "service.py") else { return };
        let started = Peer::start("nothing", Runtime::Python, "no_such_program.py", &[], "/");
        let panic = tokio::spawn(started).await.unwrap_err().into_panic();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "nothing ended before it listened");
    }

    #[tokio::test]
    async fn a_peer_is_gone_when_its_guard_drops() {
        for (runtime, program, readiness) in PROGRAMS {
            let Some(peer) = Peer::start(program, runtime, program, &[], readiness).await else {
                return;
            };
            let url = peer.url(readiness);
            drop(peer);
            assert!(client().get(url).send().await.unwrap_err().is_connect(), "{program}");
        }
    }

    #[tokio::test]
    async fn a_peer_exits_by_itself_when_its_stdin_closes() {
        for (runtime, program, readiness) in PROGRAMS {
            let Some(mut peer) = Peer::start(program, runtime, program, &[], readiness).await
            else {
                return;
            };
            drop(peer.child.stdin.take());
            let exited = timeout(PATIENCE, async {
                loop {
                    if let Some(status) = peer.child.try_wait().unwrap() {
                        return status;
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
            assert!(exited.await.expect(program).success(), "{program}");
        }
    }
}
