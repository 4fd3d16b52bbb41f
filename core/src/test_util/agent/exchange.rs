//! Requests on one connection, and the connections that are held.

use std::{
    fmt,
    io::{BufRead, BufReader, Read, Write},
    sync::{Arc, Condvar, Mutex, mpsc::Sender},
    time::Duration,
};

use packdog_api::internal::lock;

use super::Act;

/// The most time that a test waits for a request, and that a connection is held.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The script, which decides how requests are handled.
pub(super) type Script = Arc<dyn Fn(&Request) -> Act + Send + Sync>;

/// A request as received.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request line and the headers, as lines in lower case.
    pub head: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Returns the value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Whether it is a request for `/info`.
    pub fn is_for_info(&self) -> bool {
        self.head.first().is_some_and(|line| line.starts_with("get /info "))
    }

    /// Returns the number of chunks that the client announces.
    fn chunks(&self) -> usize {
        self.number("x-datadog-trace-count")
    }

    fn number(&self, header: &str) -> usize {
        self.header(header).and_then(|value| value.parse().ok()).unwrap_or(0)
    }
}

/// The state that an Agent shares with its connections.
pub(super) struct Shared {
    pub(super) script: Mutex<Script>,
    pub(super) requests: Sender<Request>,
    /// Chunks of requests that were accepted with a whole response.
    pub(super) accepted: Mutex<usize>,
    pub(super) was_accepted: Condvar,
    pub(super) held: Held,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("accepted", &self.accepted).finish_non_exhaustive()
    }
}

/// The connections that hang, until they are released.
#[derive(Debug, Default)]
pub(super) struct Held {
    releases: Mutex<u64>,
    released: Condvar,
}

impl Held {
    pub(super) fn release(&self) {
        *lock(&self.releases) += 1;
        self.released.notify_all();
    }

    /// Returns the number of releases so far.
    fn releases(&self) -> u64 {
        *lock(&self.releases)
    }

    /// Waits until there were more releases than `before`.
    pub(super) fn wait(&self, before: u64) {
        let releases = lock(&self.releases);
        let _ = self.released.wait_timeout_while(releases, PATIENCE, |now| *now == before);
    }
}

/// Handles the requests of a connection until one side closes it.
pub(super) fn converse<C>(connection: &C, shared: &Shared)
where
    for<'a> &'a C: Read + Write,
{
    let mut reader = BufReader::new(connection);
    while let Some(request) = read(&mut reader) {
        // Read before the script, so that healing in between takes effect.
        let before = shared.held.releases();
        let script = Arc::clone(&lock(&shared.script));
        let chunks = request.chunks();
        let is_for_info = request.is_for_info();
        if !is_for_info {
            let _ = shared.requests.send(request.clone()); // A test may be over by then.
        }
        let act = script(&request);
        if act.accepts() && !is_for_info {
            *lock(&shared.accepted) += chunks;
            shared.was_accepted.notify_all();
        }
        let mut writer = connection;
        if !matches!(act.play(&mut writer, || shared.held.wait(before)), Ok(true)) {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let lines = reader.by_ref().lines().map_while(Result::ok);
    let head = lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>();
    let head = head.iter().map(|line| line.to_lowercase()).collect();
    let mut request = Request { head, body: Vec::new() };
    if request.head.is_empty() {
        return None; // The connection was closed.
    }
    request.body.resize(request.number("content-length"), 0);
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
