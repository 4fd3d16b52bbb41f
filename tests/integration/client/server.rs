//! A server that returns the headers that it received, or never responds.

use std::net::SocketAddr;

use ::http::{HeaderMap, StatusCode};
use axum::{
    Json, Router,
    extract::{Path, State},
    response::Redirect,
    routing::get,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::mpsc,
};

/// Header lines as the server saw them.
pub(crate) type Lines = Vec<(String, String)>;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// One item for each request to `/never`, which never gets a response.
    pub(crate) arrivals: mpsc::UnboundedReceiver<()>,
}

impl Server {
    /// Lives as long as the runtime of the test.
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1").await
    }

    /// At one of the loopback addresses, which are separate hosts as far as URLs are concerned.
    pub(crate) async fn start_at(host: &str) -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let router = Router::new()
            .route("/never", get(never))
            .route("/status/{code}", get(respond))
            .route("/redirect/{*target}", get(redirect))
            .with_state(arrived);
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, arrivals }
    }

    /// Leads to a path of another server.
    pub(crate) fn redirect_to(&self, other: &Self, path: &str) -> String {
        self.url(&format!("/redirect/{}{path}", other.address))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn never(State(arrived): State<mpsc::UnboundedSender<()>>) -> StatusCode {
    arrived.send(()).unwrap();
    std::future::pending().await
}

async fn redirect(Path(target): Path<String>) -> Redirect {
    Redirect::temporary(&format!("http://{target}"))
}

async fn respond(Path(code): Path<u16>, headers: HeaderMap) -> (StatusCode, Json<Lines>) {
    let line = |(name, value): (&::http::HeaderName, &::http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    (StatusCode::from_u16(code).unwrap(), Json(headers.iter().map(line).collect()))
}

/// A URL at which connections are refused while the socket lives: bound, but not listening.
pub(crate) fn refusing() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/orders?token=secret", socket.local_addr().unwrap());
    (socket, url)
}

/// The values of all lines of that name.
pub(crate) fn values<'a>(lines: &'a Lines, name: &str) -> Vec<&'a str> {
    lines.iter().filter(|(line, _)| line == name).map(|(_, value)| value.as_str()).collect()
}
