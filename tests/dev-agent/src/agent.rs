//! The Agent as its owner sees it: start, address, received traces, behavior, and waits without sleeps.
//!
//! The server lives on one thread with a runtime of its own, so that an Agent can be started from `main`, from a test
//! or from async code, and outlives the runtime of the application under test.

use std::{
    error::Error,
    fmt::{self, Display, Formatter},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use http::StatusCode;
use tokio::{
    runtime::{Builder, Handle},
    sync::{oneshot, watch},
    time,
};

use crate::{
    Behavior, Notice, StatsPayload, Trace, TraceRequest, server,
    state::{Shared, State},
};

/// A running Agent. Dropping it stops the server and closes all connections.
#[derive(Debug)]
pub struct DevAgent {
    address: SocketAddr,
    state: Shared,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The error of a wait that timed out.
#[derive(Debug)]
pub struct TimedOut {
    waited_for: String,
    after: Duration,
    seen: String,
}

impl DevAgent {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// The system has no free socket or thread.
    pub fn start() -> io::Result<Self> {
        Self::start_on((Ipv4Addr::LOCALHOST, 0))
    }

    /// Starts on an address. When this returns, the Agent can be connected to.
    ///
    /// # Errors
    /// The address is in use or not local, or the system has no free thread.
    pub fn start_on(address: impl ToSocketAddrs) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state: Shared = Arc::new(watch::Sender::new(State::default()));
        let (stop, stopped) = oneshot::channel();
        let (started, start) = mpsc::sync_channel(1);
        let served = Arc::clone(&state);
        let thread = thread::Builder::new().name("dev-agent".into()).spawn(move || {
            match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    let _ = started.send(Ok(runtime.handle().clone()));
                    runtime.block_on(server::serve(listener, served, stopped));
                }
                Err(error) => drop(started.send(Err(error))),
            }
        })?;
        let runtime = start.recv().map_err(io::Error::other)??;
        Ok(Self { address, state, runtime, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL for tracers and browsers: `http://127.0.0.1:8126`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the traces that are kept, in the order in which their first chunks arrived.
    pub fn traces(&self) -> Vec<Trace> {
        self.state.borrow().traces.traces(usize::MAX)
    }

    /// Returns the newest 1000 trace requests, oldest first, including those that were not accepted.
    pub fn requests(&self) -> Vec<TraceRequest> {
        self.state.borrow().requests.kept().cloned().collect()
    }

    /// Returns the newest 1000 payloads of statistics, oldest first.
    pub fn stats(&self) -> Vec<StatsPayload> {
        self.state.borrow().stats.payloads()
    }

    /// Waits until `count` payloads of statistics have arrived since the start, and returns the newest of them.
    ///
    /// # Errors
    /// They did not arrive within `patience`.
    pub async fn wait_for_stats(
        &self,
        count: usize,
        patience: Duration,
    ) -> Result<Vec<StatsPayload>, TimedOut> {
        self.wait_until(patience, move |state| state.stats.seen >= count).await.map_err(
            |seen| TimedOut {
                waited_for: format!("{count} payloads of statistics"),
                after: patience,
                seen,
            },
        )?;
        Ok(self.stats())
    }

    /// [`DevAgent::wait_for_stats`] for code that is not async.
    ///
    /// # Errors
    /// The same as there.
    ///
    /// # Panics
    /// Called in async code, whose thread it would block.
    pub fn wait_for_stats_blocking(
        &self,
        count: usize,
        patience: Duration,
    ) -> Result<Vec<StatsPayload>, TimedOut> {
        self.runtime.block_on(self.wait_for_stats(count, patience))
    }

    /// Forgets all traces, and counts spans from 0 again. Requests stay.
    pub fn forget(&self) {
        self.state.send_modify(|state| state.traces.forget());
    }

    /// Changes the responses to tracers, from the next request on. It also applies to requests that are held.
    pub fn behave(&self, change: impl FnOnce(&mut Behavior)) {
        self.state.send_modify(|state| change(&mut state.behavior));
    }

    /// From now on receives requests and responds to none, until [`DevAgent::release`].
    pub fn hold(&self) {
        self.behave(|behavior| behavior.holds = true);
    }

    /// Responds to the held requests, and to later ones.
    pub fn release(&self) {
        self.behave(|behavior| behavior.holds = false);
    }

    /// From now on responds with this status and forgets the bodies of requests. `None` ends this.
    pub fn respond_with(&self, status: impl Into<Option<StatusCode>>) {
        let status = status.into();
        self.behave(|behavior| behavior.status = status);
    }

    /// Waits until `count` spans have arrived since the start or [`DevAgent::forget`], and returns the traces.
    ///
    /// Works without a tokio runtime: the Agent measures the time.
    ///
    /// # Errors
    /// They did not arrive within `patience`. The error lists the spans that did, and the reason of the last refusal.
    pub async fn wait_for_spans(
        &self,
        count: usize,
        patience: Duration,
    ) -> Result<Vec<Trace>, TimedOut> {
        self.wait_until(patience, move |state| state.traces.spans_received >= count)
            .await
            .map_err(|seen| TimedOut {
                waited_for: format!("{count} spans"),
                after: patience,
                seen,
            })?;
        Ok(self.traces())
    }

    /// [`DevAgent::wait_for_spans`] for code that is not async.
    ///
    /// # Errors
    /// The same as there.
    ///
    /// # Panics
    /// Called in async code, whose thread it would block.
    pub fn wait_for_spans_blocking(
        &self,
        count: usize,
        patience: Duration,
    ) -> Result<Vec<Trace>, TimedOut> {
        self.runtime.block_on(self.wait_for_spans(count, patience))
    }

    /// Waits until `count` trace requests have been received whole since the start, with or without a response.
    ///
    /// # Errors
    /// They did not arrive within `patience`.
    pub async fn wait_for_requests(
        &self,
        count: usize,
        patience: Duration,
    ) -> Result<Vec<TraceRequest>, TimedOut> {
        self.wait_until(patience, move |state| state.requests.seen >= count).await.map_err(
            |seen| TimedOut { waited_for: format!("{count} requests"), after: patience, seen },
        )?;
        Ok(self.requests())
    }

    /// [`DevAgent::wait_for_requests`] for code that is not async.
    ///
    /// # Errors
    /// The same as there.
    ///
    /// # Panics
    /// Called in async code, whose thread it would block.
    pub fn wait_for_requests_blocking(
        &self,
        count: usize,
        patience: Duration,
    ) -> Result<Vec<TraceRequest>, TimedOut> {
        self.runtime.block_on(self.wait_for_requests(count, patience))
    }

    /// Waits for the next notice: a refused request, or a trace that got no more spans for as long as `quiet`.
    ///
    /// For one watcher; two of them share the notices. Needs a tokio runtime with time.
    ///
    /// # Cancellation
    /// Dropping the future loses no notice.
    pub async fn next_notice(&self, quiet: Duration) -> Notice {
        let mut changes = self.state.subscribe();
        loop {
            let mut next = Err(None);
            self.state.send_if_modified(|state| {
                next = state.notice(quiet, Instant::now());
                false // A change that no wait depends on.
            });
            let due = match next {
                Ok(notice) => return notice,
                Err(due) => due,
            };
            let quiet_enough = async {
                match due {
                    Some(due) => time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = quiet_enough => {}
                _ = changes.changed() => {}
            }
        }
    }

    /// On failure the error lists what was received.
    async fn wait_until(
        &self,
        patience: Duration,
        mut reached: impl FnMut(&State) -> bool + Send + 'static,
    ) -> Result<(), String> {
        let mut changes = self.state.subscribe();
        // On our own runtime: the caller's may have no clock, or a paused one.
        let waiting = self.runtime.spawn(async move {
            time::timeout(patience, changes.wait_for(|state| reached(state)))
                .await
                .is_ok_and(|seen| seen.is_ok())
        });
        match waiting.await {
            Ok(true) => Ok(()),
            _ => Err(self.state.borrow().summary()),
        }
    }
}

impl Drop for DevAgent {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // Its panic, if any, was printed.
        }
    }
}

impl Error for TimedOut {}

impl Display for TimedOut {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self { waited_for, after, seen } = self;
        write!(out, "waited {after:?} for {waited_for}, got {seen}")
    }
}
