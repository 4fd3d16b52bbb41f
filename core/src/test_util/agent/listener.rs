//! The address of an Agent, which may be listening or not.

use std::{
    fmt,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
};
#[cfg(unix)]
use std::{
    fs,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
};

use packdog_api::internal::lock;

use super::exchange::{Shared, converse};

/// An address, and the thread that accepts connections on it while the Agent is up.
#[derive(Debug)]
pub(super) struct Listener {
    address: Address,
    /// A socket that listens before connections are accepted.
    bound: Mutex<Option<TcpListener>>,
    /// The port belongs to the Agent also while it is down.
    _reserved: Option<Reserved>,
    accepting: Mutex<Option<Accepting>>,
}

/// A socket that has a port and does not listen: connections are refused, and the system gives the
/// port to no other program. Sockets that say so, as those of the standard library do, can listen
/// at the same port.
#[derive(Debug)]
struct Reserved(
    #[cfg(unix)]
    #[expect(dead_code, reason = "has a port")]
    socket2::Socket,
);

impl Reserved {
    #[cfg(unix)]
    fn port() -> io::Result<(SocketAddr, Self)> {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
        let address = socket.local_addr()?.as_socket();
        Ok((address.ok_or(io::ErrorKind::AddrNotAvailable)?, Self(socket)))
    }

    /// Finds a port that is free now.
    #[cfg(not(unix))]
    fn port() -> io::Result<(SocketAddr, Self)> {
        Ok((TcpListener::bind("127.0.0.1:0")?.local_addr()?, Self()))
    }
}

#[derive(Clone, Debug)]
enum Address {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(PathBuf),
}

#[derive(Debug)]
enum Accepting {
    Serving {
        is_over: Arc<AtomicBool>,
        thread: JoinHandle<()>,
        connections: Connections,
    },
    /// The operating system accepts connections, and nothing reads from them.
    Deaf(#[expect(dead_code, reason = "listens until it is dropped")] Socket),
}

/// A socket that listens until it is dropped.
#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

/// The connections that were accepted, to be closed with the listener.
type Connections = Arc<Mutex<Vec<Arc<dyn Connection>>>>;

/// A connection that another thread can close.
trait Connection: fmt::Debug + Send + Sync {
    fn close(&self);
}

impl Connection for TcpStream {
    fn close(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

#[cfg(unix)]
impl Connection for UnixStream {
    fn close(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

impl Listener {
    /// Takes a port for an Agent that starts at once.
    #[expect(clippy::expect_used, reason = "that is how a test fails")]
    pub(super) fn tcp() -> Self {
        let mut listener = Self::refusing();
        let socket = match &listener.address {
            Address::Tcp(address) => TcpListener::bind(address).ok(),
            #[cfg(unix)]
            Address::Unix(_) => None,
        };
        listener.bound = Mutex::new(Some(socket.expect("the port is reserved")));
        listener
    }

    /// Reserves a port at which connections are refused.
    #[expect(clippy::expect_used, reason = "that is how a test fails")]
    pub(super) fn refusing() -> Self {
        let (address, reserved) = Reserved::port().expect("a free port");
        Self::of(Address::Tcp(address), Some(reserved))
    }

    #[cfg(unix)]
    pub(super) fn unix(path: PathBuf) -> Self {
        Self::of(Address::Unix(path), None)
    }

    fn of(address: Address, reserved: Option<Reserved>) -> Self {
        let (bound, accepting) = (Mutex::default(), Mutex::default());
        Self { address, bound, _reserved: reserved, accepting }
    }

    pub(super) fn url(&self) -> String {
        match &self.address {
            Address::Tcp(address) => format!("http://{address}"),
            #[cfg(unix)]
            Address::Unix(path) => format!("unix://{}", path.display()),
        }
    }

    pub(super) fn start(&self, shared: &Arc<Shared>) {
        self.listen(|socket| Accepting::serve(socket, shared));
    }

    /// Begins to listen, and accepts nothing.
    pub(super) fn start_deaf(&self) {
        self.listen(Accepting::Deaf);
    }

    #[expect(clippy::expect_used, reason = "that is how a test fails")]
    fn listen(&self, start: impl FnOnce(Socket) -> Accepting) {
        let mut accepting = lock(&self.accepting);
        if accepting.is_none() {
            let bound = lock(&self.bound).take();
            let socket = bound.map_or_else(|| self.address.bind(), |bound| Ok(Socket::Tcp(bound)));
            *accepting = Some(start(socket.expect("an address to listen on")));
        }
    }

    pub(super) fn stop(&self) {
        drop(lock(&self.bound).take());
        let accepting = lock(&self.accepting).take();
        let Some(Accepting::Serving { is_over, thread, connections }) = accepting else { return };
        is_over.store(true, SeqCst);
        // The path may belong to another socket by now, which cannot be woken.
        if self.address.knock() && matches!(self.address, Address::Tcp(_)) {
            let _ = thread.join(); // Then the port is free.
        }
        for connection in lock(&connections).drain(..) {
            connection.close();
        }
    }
}

impl Address {
    fn bind(&self) -> io::Result<Socket> {
        match self {
            Self::Tcp(address) => TcpListener::bind(address).map(Socket::Tcp),
            #[cfg(unix)]
            Self::Unix(path) => {
                let _ = fs::remove_file(path); // That of an Agent which was there before.
                UnixListener::bind(path).map(Socket::Unix)
            }
        }
    }

    /// Wakes the thread that accepts, and returns whether there was one.
    fn knock(&self) -> bool {
        match self {
            Self::Tcp(address) => TcpStream::connect(address).is_ok(),
            #[cfg(unix)]
            Self::Unix(path) => UnixStream::connect(path).is_ok(),
        }
    }
}

impl Accepting {
    fn serve(socket: Socket, shared: &Arc<Shared>) -> Self {
        let (is_over, connections) = (Arc::default(), Connections::default());
        let thread = match socket {
            Socket::Tcp(socket) => {
                accept(move || Ok(socket.accept()?.0), shared, &is_over, &connections)
            }
            #[cfg(unix)]
            Socket::Unix(socket) => {
                accept(move || Ok(socket.accept()?.0), shared, &is_over, &connections)
            }
        };
        Self::Serving { is_over, thread, connections }
    }
}

/// Serves each connection on a thread of its own, until it is over.
fn accept<C: Connection + 'static>(
    next: impl Fn() -> io::Result<C> + Send + 'static,
    shared: &Arc<Shared>,
    is_over: &Arc<AtomicBool>,
    connections: &Connections,
) -> JoinHandle<()>
where
    for<'a> &'a C: Read + Write,
{
    let (shared, is_over) = (Arc::clone(shared), Arc::clone(is_over));
    let connections = Arc::clone(connections);
    thread::spawn(move || {
        while let Ok(connection) = next() {
            if is_over.load(SeqCst) {
                return;
            }
            let (shared, connection) = (Arc::clone(&shared), Arc::new(connection));
            let known: Arc<dyn Connection> = Arc::<C>::clone(&connection);
            lock(&connections).push(known);
            thread::spawn(move || {
                converse(&*connection, &shared);
                connection.close();
            });
        }
    })
}
