//! An Agent that takes everything, in the measuring process, so that it is not measured.

use std::{net::SocketAddr, sync::mpsc, thread};

use axum::{Router, body::Bytes};
use tokio::{net::TcpListener, runtime::Builder};

/// Starts the Agent on a thread of its own, which lives as long as the process.
pub(crate) fn start() -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            sender.send(listener.local_addr().expect("bound")).expect("somebody waits for it");
            let app = Router::new().fallback(async |_: Bytes| "{}");
            axum::serve(listener, app).await.expect("serving does not end");
        });
    });
    receiver.recv().expect("the Agent has started")
}
