//! A load generator: connections that send the next request when the response has come.

use std::{
    cell::Cell,
    io,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use http::Request;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Builder,
    task::LocalSet,
};

use crate::request;

const CONNECTIONS: usize = 32;
/// The end of every response: the body of the handler.
const END: &[u8] = b"user 42";

/// Sends requests for this time, and returns how many got their response.
pub(super) fn run(server: SocketAddr, time: Duration) -> io::Result<u64> {
    let request = text(&request::request(request::headers()));
    let (count, end) = (Rc::new(Cell::new(0)), Instant::now() + time);
    let tasks = LocalSet::new();
    for _ in 0..CONNECTIONS {
        tasks.spawn_local(repeat(server, request.clone(), end, Rc::clone(&count)));
    }
    tasks.spawn_local(stay_awake(end));
    Builder::new_current_thread().enable_all().build()?.block_on(tasks);
    Ok(count.get())
}

/// Keeps this process awake: a server that must wake another core pays for that, up to 5 µs in a
/// virtual machine.
async fn stay_awake(end: Instant) {
    while Instant::now() < end {
        tokio::task::yield_now().await;
    }
}

async fn repeat(
    server: SocketAddr,
    request: Vec<u8>,
    end: Instant,
    count: Rc<Cell<u64>>,
) -> io::Result<()> {
    let mut connection = TcpStream::connect(server).await?;
    connection.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    while Instant::now() < end {
        connection.write_all(&request).await?;
        let mut length = 0;
        while !buffer.get(..length).is_some_and(|read| read.ends_with(END)) {
            match connection.read(buffer.get_mut(length..).unwrap_or_default()).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => length += more,
            }
        }
        if !buffer.starts_with(b"HTTP/1.1 200") {
            return Err(io::Error::other("the server refuses"));
        }
        count.set(count.get() + 1);
    }
    Ok(())
}

fn text(request: &Request<()>) -> Vec<u8> {
    let mut text = format!("GET {} HTTP/1.1\r\n", request.uri()).into_bytes();
    for (name, value) in request.headers() {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text
}
