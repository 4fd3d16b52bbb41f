//! A Datadog Agent for tests: it keeps the traces that it is sent, and responds as it is told.
//!
//! It is an old one, without `/info`, unless it is told otherwise.

use std::{
    io::{BufRead, BufReader, Read, Write},
    iter,
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use crate::config::AgentUrl;

/// Listens on a port of its own until the process ends.
#[derive(Debug)]
pub(crate) struct FakeAgent {
    url: AgentUrl,
    requests: Receiver<Request>,
}

/// A request, as it came.
#[derive(Debug)]
pub(crate) struct Request {
    /// The request line and the headers, as lines in lower case.
    pub(crate) head: Vec<String>,
    pub(crate) body: Vec<u8>,
}

/// The response to a request; blocks for as long as it likes.
type Answer = Arc<dyn Fn() -> Reply + Send + Sync>;

#[derive(Clone)]
struct Answers {
    traces: Answer,
    info: Answer,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Lines of headers, each with its line end.
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Reply {
    fn of(status: u16) -> Self {
        Self { status, headers: String::new(), body: "OK".to_owned() }
    }
}

impl FakeAgent {
    /// Answers every request with the status that `answer` says.
    pub(crate) fn answering(answer: impl Fn() -> u16 + Send + Sync + 'static) -> Self {
        Self::replying(move || Reply::of(answer()))
    }

    /// Answers every request with what `answer` says.
    pub(crate) fn replying(answer: impl Fn() -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let connections = iter::from_fn(move || Some(listener.accept().unwrap().0));
        let answers = Answers { traces: Arc::new(answer), info: Arc::new(|| Reply::of(404)) };
        Self { url, requests: serve(connections, answers) }
    }

    /// Accepts all traces, and never responds to a request for `/info`.
    pub(crate) fn hanging_at_info() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let connections = iter::from_fn(move || Some(listener.accept().unwrap().0));
        let hang = || loop {
            thread::park();
        };
        let answers = Answers { traces: Arc::new(|| Reply::of(200)), info: Arc::new(hang) };
        Self { url, requests: serve(connections, answers) }
    }

    /// Takes every request on a Unix socket.
    #[cfg(unix)]
    pub(crate) fn on_socket(path: &std::path::Path) -> Self {
        let listener = std::os::unix::net::UnixListener::bind(path).unwrap();
        let url = format!("unix://{}", path.display()).parse().unwrap();
        let connections = iter::from_fn(move || Some(listener.accept().unwrap().0));
        let answers =
            Answers { traces: Arc::new(|| Reply::of(200)), info: Arc::new(|| Reply::of(404)) };
        Self { url, requests: serve(connections, answers) }
    }

    /// Answers no request before the gate is opened, by dropping it, and then with success.
    pub(crate) fn gated() -> (Self, Gate) {
        let (gate, closed) = channel::<()>();
        let closed = Mutex::new(closed);
        let agent = Self::answering(move || {
            let _ = closed.lock().unwrap().recv();
            200
        });
        (agent, Gate { _opens_when_dropped: gate })
    }

    pub(crate) fn url(&self) -> AgentUrl {
        self.url.clone()
    }

    /// Waits for the next request.
    pub(crate) fn request(&self) -> Request {
        self.requests.recv().unwrap()
    }

    /// The requests that came and were not looked at.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.try_iter().collect()
    }
}

/// Holds answers back until it is dropped.
#[derive(Debug)]
pub(crate) struct Gate {
    _opens_when_dropped: Sender<()>,
}

/// An Agent that is down.
#[derive(Debug)]
pub(crate) struct AgentDown {
    pub(crate) url: AgentUrl,
    /// The port belongs to a connection, so that nobody can begin to listen on it.
    _taken: (TcpListener, TcpStream),
}

impl AgentDown {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let connection = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let url = format!("http://{}", connection.local_addr().unwrap()).parse().unwrap();
        Self { url, _taken: (listener, connection) }
    }
}

impl Request {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn is_for_info(&self) -> bool {
        self.head.first().is_some_and(|line| line.starts_with("get /info "))
    }
}

/// Takes connections, each on a thread of its own, for as long as the process lives.
fn serve<C: Send + 'static>(
    connections: impl Iterator<Item = C> + Send + 'static,
    answers: Answers,
) -> Receiver<Request>
where
    for<'a> &'a C: Read + Write,
{
    let (sender, requests) = channel();
    thread::spawn(move || {
        for connection in connections {
            let (sender, answers) = (sender.clone(), answers.clone());
            thread::spawn(move || converse(&connection, &sender, &answers));
        }
    });
    requests
}

fn converse<C>(connection: &C, requests: &Sender<Request>, answers: &Answers)
where
    for<'a> &'a C: Read + Write,
{
    let mut reader = BufReader::new(connection);
    while let Some(request) = read(&mut reader) {
        let Reply { status, headers, body } = match request.is_for_info() {
            true => (answers.info)(),
            false => {
                let _ = requests.send(request); // A test may be over before its last request.
                (answers.traces)()
            }
        };
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status} Fake\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
        let mut writer = connection;
        if writer.write_all(answer.as_bytes()).is_err() {
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
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body.resize(length, 0);
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
