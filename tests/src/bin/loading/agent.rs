//! An Agent that counts spans and keeps nothing, so that memory and time are those of the tracer.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
};

/// The field that each span has once, as its map has it: a text of seven bytes.
const FIELD: &[u8] = b"\xa7span_id";
const INFO: &str =
    r#"{"version":"7.65.0","endpoints":["/v0.4/traces","/v0.6/stats"],"client_drop_p0s":true}"#;

/// The state that all connections share.
#[derive(Debug, Default)]
pub(crate) struct Agent {
    spans: AtomicU64,
    statistics: AtomicU64,
    /// Whether it responds with 503 to traces.
    pub(crate) is_busy: AtomicBool,
}

impl Agent {
    /// Starts on a free port. With `drops`, the tracer computes statistics.
    pub(crate) fn start(drops: bool) -> io::Result<(Arc<Self>, SocketAddr)> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let agent = Arc::new(Self::default());
        let shared = Arc::clone(&agent);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let agent = Arc::clone(&shared);
                thread::spawn(move || agent.converse(&connection, drops));
            }
        });
        Ok((agent, address))
    }

    /// The spans in requests that were accepted.
    pub(crate) fn spans(&self) -> u64 {
        self.spans.load(Relaxed)
    }

    /// The requests with statistics.
    pub(crate) fn statistics(&self) -> u64 {
        self.statistics.load(Relaxed)
    }

    fn converse(&self, connection: &TcpStream, drops: bool) -> io::Result<()> {
        let mut reader = BufReader::new(connection);
        loop {
            let mut head = String::new();
            while reader.read_line(&mut head)? > 2 {}
            let Some(line) = head.lines().next() else { return Ok(()) };
            let bytes = head
                .to_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse::<u64>().ok());
            let spans = count(&mut (&mut reader).take(bytes.unwrap_or(0)))?;
            let is_for = |path: &str| line.contains(path);
            let (status, body) = match self.is_busy.load(Relaxed) {
                _ if is_for("/info") => {
                    if drops {
                        (200, INFO)
                    } else {
                        (404, "")
                    }
                }
                true => (503, ""),
                false => (200, "{}"),
            };
            if status == 200 && is_for("/traces") {
                self.spans.fetch_add(spans, Relaxed);
            }
            if status == 200 && is_for("/stats") {
                self.statistics.fetch_add(1, Relaxed);
            }
            let length = body.len();
            let mut writer = connection;
            write!(writer, "HTTP/1.1 {status} Counted\r\nContent-Length: {length}\r\n\r\n{body}")?;
        }
    }
}

/// Counts the spans of a body, block by block.
fn count(body: &mut impl Read) -> io::Result<u64> {
    let (mut block, mut held, mut spans) = (vec![0; 64 << 10], 0, 0);
    loop {
        let read = body.read(block.get_mut(held..).unwrap_or_default())?;
        if read == 0 {
            return Ok(spans);
        }
        let end = held + read;
        let filled = block.get(..end).unwrap_or_default();
        // A span that a block cuts in two is found with the next one.
        let (mut found, mut from) = (0, 0);
        while let Some(at) = position(filled.get(from..).unwrap_or_default()) {
            found += 1;
            from += at + FIELD.len();
        }
        spans += found;
        let rest = from.max(end.saturating_sub(FIELD.len() - 1));
        block.copy_within(rest..end, 0);
        held = end - rest;
    }
}

fn position(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let candidates = bytes.get(from..)?;
        let at = candidates.iter().position(|byte| *byte == 0xa7)?;
        if candidates.get(at..)?.starts_with(FIELD) {
            return Some(from + at);
        }
        from += at + 1;
    }
}
