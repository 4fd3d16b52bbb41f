//! A Datadog Agent that takes everything and remembers the traces, in the process that starts
//! the measured ones, so that its work is not measured.

mod exchange;
mod payload;

use std::{
    io,
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use self::exchange::Request;
use crate::row::Sends;

/// The Agent's `/info`; it computes statistics, and gets all traces.
const INFO: &str = r#"{"version":"7.70.0","endpoints":["/v0.4/traces"],"client_drop_p0s":false}"#;

/// The start of the paths of an Agent that offers to drop traces, and so gets statistics.
pub(crate) const DROPPING: &str = "/dropping";

/// Its `/info`.
const DROPPING_INFO: &str = r#"{"version":"7.70.0","client_drop_p0s":true,
    "endpoints":["/v0.4/traces","/v0.6/stats"],"span_kinds_stats_computed":["server","client"]}"#;

/// An Agent for one process; its thread lives as long as this program.
#[derive(Debug)]
pub(crate) struct Agent {
    url: String,
    arrived: Arc<Arrived>,
}

/// The traces that have arrived.
#[derive(Debug, Default)]
struct Arrived {
    is_counting: bool,
    count: AtomicU64,
    payloads: Mutex<Vec<Vec<u8>>>,
}

impl Agent {
    pub(crate) fn start() -> io::Result<Self> {
        Self::start_with(Arrived::default())
    }

    /// Starts an Agent that counts traces and forgets them.
    pub(crate) fn start_counting() -> io::Result<Self> {
        Self::start_with(Arrived { is_counting: true, ..Arrived::default() })
    }

    fn start_with(arrived: Arrived) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let arrived = Arc::new(arrived);
        let shared = Arc::clone(&arrived);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let arrived = Arc::clone(&shared);
                // A tracer that hangs up between two requests ends its thread by an error.
                thread::spawn(move || serve(connection, &arrived));
            }
        });
        Ok(Self { url, arrived })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The number of traces that have arrived.
    pub(crate) fn traces(&self) -> u64 {
        self.arrived.count.load(Ordering::Relaxed)
    }

    /// Whether exactly these spans have arrived, after so many iterations.
    pub(crate) fn verify(&self, sends: &[Sends], steps: usize) -> Result<(), String> {
        let payloads = self.arrived.payloads.lock().unwrap_or_else(PoisonError::into_inner);
        payload::verify(&payloads, sends, steps)
    }
}

fn serve(mut connection: TcpStream, arrived: &Arrived) -> io::Result<()> {
    connection.set_nodelay(true)?;
    loop {
        let Request { path, body } = exchange::read(&mut connection)?;
        let is_trace = path.ends_with("/v0.4/traces");
        // Some probe with an empty list of traces.
        if is_trace && body.len() > 1 {
            arrived.count.fetch_add(payload::traces(&body), Ordering::Relaxed);
            if !arrived.is_counting {
                arrived.payloads.lock().unwrap_or_else(PoisonError::into_inner).push(body);
            }
        }
        let response = match path.strip_suffix("/info") {
            Some(DROPPING) => DROPPING_INFO,
            Some(_) => INFO,
            None => "{}",
        };
        exchange::respond(&mut connection, response)?;
    }
}
