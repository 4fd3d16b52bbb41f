//! A fake Datadog Agent for tests of delivery: it keeps the requests that it gets, and follows a
//! script.
//!
//! ```text
//! connection ──▶ script(head) ──▶ Act: a response, whole, in part, late or never; or other bytes
//! ```
//! It has no `/info` unless its script provides it, and does not decode spans; `packdog-dev-agent`
//! is an Agent that does.

mod act;
mod exchange;
mod listener;
#[cfg(test)]
mod tests;

#[cfg(unix)]
use std::path::PathBuf;
use std::sync::{
    Arc, Condvar, Mutex,
    mpsc::{Receiver, Sender, channel},
};

pub use self::{
    act::{Act, Reply},
    exchange::Request,
};
use packdog_api::internal::lock;

use self::{
    exchange::{Held, Shared},
    listener::Listener,
};
use crate::config::AgentUrl;

/// An Agent at one address, which may be up or down.
#[derive(Debug)]
pub struct FakeAgent {
    listener: Listener,
    shared: Arc<Shared>,
    requests: Mutex<Receiver<Request>>,
}

impl FakeAgent {
    /// Starts an Agent that responds to every request with the status that `status` returns.
    pub fn responding(status: impl Fn() -> u16 + Send + Sync + 'static) -> Self {
        Self::replying(move || Reply::new(status()))
    }

    /// Starts an Agent that responds to every request with the reply that `reply` returns.
    pub fn replying(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Self {
        Self::up(Listener::tcp(), move |_| Act::Reply(reply()))
    }

    /// Starts an Agent that accepts all traces, and never responds to a request for `/info`.
    pub fn hanging_at_info() -> Self {
        let agent = Self::responding(|| 200);
        agent.act_on_all(|request| match request.is_for_info() {
            true => Act::Stall(Reply::default(), 0),
            false => Act::Reply(Reply::new(200)),
        });
        agent
    }

    /// Starts an Agent on a Unix socket, which accepts every request.
    #[cfg(unix)]
    pub fn on_socket(path: &std::path::Path) -> Self {
        Self::up(Listener::unix(path.to_owned()), |_| Act::Reply(Reply::new(200)))
    }

    /// Starts an Agent that responds to no request until the gate is dropped, and then accepts all.
    pub fn gated() -> (Self, Gate) {
        let (gate, closed) = channel::<()>();
        let closed = Mutex::new(closed);
        let agent = Self::responding(move || {
            let _ = lock(&closed).recv();
            200
        });
        (agent, Gate { _opens_when_dropped: gate })
    }

    /// Makes an Agent that accepts every request once it is [started](Self::start); connections to
    /// its port are refused until then.
    pub fn down() -> Self {
        Self::of(Listener::refusing())
    }

    /// Makes an Agent that accepts every request once it is [started](Self::start); it has a port
    /// already, at which connections are not accepted.
    pub fn idle() -> Self {
        Self::of(Listener::tcp())
    }

    /// Like [`down`](Self::down), on a Unix socket that does not exist yet.
    #[cfg(unix)]
    pub fn down_on_socket(path: PathBuf) -> Self {
        Self::of(Listener::unix(path))
    }

    fn of(listener: Listener) -> Self {
        let (sender, requests) = channel();
        let shared = Shared {
            script: Mutex::new(Arc::new(|_| Act::Reply(Reply::new(200)))),
            requests: sender,
            accepted: Mutex::default(),
            was_accepted: Condvar::new(),
            held: Held::default(),
        };
        Self { listener, shared: Arc::new(shared), requests: Mutex::new(requests) }
    }

    fn up(listener: Listener, act: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        let agent = Self::of(listener);
        agent.act(act);
        agent.start();
        agent
    }

    /// Changes the script, from the next request on. Requests for `/info` are responded to with
    /// 404, unless the script is given by [`act_on_all`](Self::act_on_all).
    pub fn act(&self, act: impl Fn(&Request) -> Act + Send + Sync + 'static) {
        self.act_on_all(move |request| match request.is_for_info() {
            true => Act::Reply(Reply::new(404)),
            false => act(request),
        });
    }

    /// Changes the script, that for `/info` included.
    pub fn act_on_all(&self, act: impl Fn(&Request) -> Act + Send + Sync + 'static) {
        *lock(&self.shared.script) = Arc::new(act);
    }

    /// Closes all connections that hang, and accepts every request from now on.
    pub fn heal(&self) {
        self.act(|_| Act::Reply(Reply::new(200)));
        self.shared.held.release();
    }

    /// Starts to listen; does nothing if it already does.
    ///
    /// # Panics
    /// Panics if the operating system refuses it.
    pub fn start(&self) {
        self.listener.start(&self.shared);
    }

    /// Starts to listen, but accepts no connection: a client can connect and send, but gets no
    /// response.
    ///
    /// # Panics
    /// Panics if the operating system refuses it.
    pub fn start_deaf(&self) {
        self.listener.start_deaf();
    }

    /// Stops listening, and closes all connections. A socket file stays, and connections to it are
    /// refused.
    pub fn stop(&self) {
        self.listener.stop();
        self.shared.held.release();
    }

    /// Returns the address, for [`Config::with_agent_url`](crate::Config::with_agent_url).
    ///
    /// # Panics
    /// Panics if the path of the socket cannot be part of a URL.
    #[expect(clippy::expect_used, reason = "that is how a test fails")]
    pub fn url(&self) -> AgentUrl {
        self.listener.url().parse().expect("a URL of an Agent")
    }

    /// Returns the number of chunks in the requests that were accepted with a whole response.
    pub fn accepted(&self) -> usize {
        *lock(&self.shared.accepted)
    }

    /// Waits until [`accepted`](Self::accepted) has reached `count`.
    ///
    /// # Panics
    /// Panics if it does not within a minute.
    pub fn wait_for_accepted(&self, count: usize) {
        let accepted = lock(&self.shared.accepted);
        let is_less = |accepted: &mut usize| *accepted < count;
        let waited =
            self.shared.was_accepted.wait_timeout_while(accepted, exchange::PATIENCE, is_less);
        let has_timed_out = waited.map_or(true, |(_, result)| result.timed_out());
        assert!(
            !has_timed_out,
            "waited for {count} accepted chunks, there are {}",
            self.accepted()
        );
    }

    /// Waits for the next request, except those for `/info`.
    ///
    /// # Panics
    /// Panics if none comes within a minute.
    #[expect(clippy::expect_used, reason = "that is how a test fails")]
    pub fn request(&self) -> Request {
        let requests = lock(&self.requests);
        requests.recv_timeout(exchange::PATIENCE).expect("a request")
    }

    /// Returns the received requests that were not yet returned, except those for `/info`.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.requests).try_iter().collect()
    }
}

impl Drop for FakeAgent {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Holds responses back until it is dropped.
#[derive(Debug)]
pub struct Gate {
    _opens_when_dropped: Sender<()>,
}
