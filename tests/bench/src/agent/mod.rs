//! A Datadog Agent that takes everything and remembers the traces, in the process that starts
//! the measured ones, so that its work is not measured.

mod exchange;
mod payload;

use std::{
    io,
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use self::exchange::Request;
use crate::row::Sends;

/// What the Agent says about itself; it computes statistics, and gets all traces.
const INFO: &str = r#"{"version":"7.70.0","endpoints":["/v0.4/traces"],"client_drop_p0s":false}"#;

/// An Agent for one process; its thread lives as long as this program.
#[derive(Debug)]
pub(crate) struct Agent {
    url: String,
    payloads: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Agent {
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let payloads = Arc::<Mutex<Vec<_>>>::default();
        let kept = Arc::clone(&payloads);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                // A tracer that hangs up between two requests ends its thread by an error.
                thread::spawn(move || serve(connection, &kept));
            }
        });
        Ok(Self { url, payloads })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether exactly these spans have arrived, after so many iterations.
    pub(crate) fn verify(&self, sends: &[Sends], steps: usize) -> Result<(), String> {
        let payloads = self.payloads.lock().unwrap_or_else(PoisonError::into_inner);
        payload::verify(&payloads, sends, steps)
    }
}

fn serve(mut connection: TcpStream, payloads: &Mutex<Vec<Vec<u8>>>) -> io::Result<()> {
    connection.set_nodelay(true)?;
    loop {
        let Request { path, body } = exchange::read(&mut connection)?;
        let is_trace = path.ends_with("/v0.4/traces");
        // Some probe with an empty list of traces.
        if is_trace && body.len() > 1 {
            payloads.lock().unwrap_or_else(PoisonError::into_inner).push(body);
        }
        exchange::respond(&mut connection, if path.ends_with("/info") { INFO } else { "{}" })?;
    }
}
