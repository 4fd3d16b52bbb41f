//! A hyper server for any tower service, clients, and a body that the test feeds by hand.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::{body::Incoming, service::Service as _};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use packdog::current_span;
use packdog_server::PeerAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tower::{BoxError, Service};

/// Serves HTTP/1.1 and HTTP/2 on a free port until the test's runtime ends.
pub(super) async fn serve<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    serve_and(service, |_, _| {}).await
}

/// Like [`serve`], with the address of the peer in each request.
pub(super) async fn serve_with_peers<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    serve_and(service, |request, peer| {
        request.extensions_mut().insert(PeerAddr(peer));
    })
    .await
}

async fn serve_and<S, B>(service: S, prepare: fn(&mut Request<Incoming>, SocketAddr)) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            let service = hyper::service::service_fn(move |mut request| {
                prepare(&mut request, peer);
                service.call(request)
            });
            tokio::spawn(async move {
                let mut server = auto::Builder::new(TokioExecutor::new());
                server.http1().max_headers(2_000).max_buf_size(2 << 20);
                server.http2().max_header_list_size(2 << 20);
                // Some tests want a connection to fail.
                server.serve_connection_with_upgrades(TokioIo::new(stream), service).await.ok();
            });
        }
    });
    address
}

/// Sends a request and reads the whole response.
pub(super) async fn request(address: SocketAddr, method: &str, path: &str) -> (u16, String) {
    let method = method.parse().unwrap();
    let url = format!("http://{address}{path}");
    let response = reqwest::Client::new().request(method, url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Opens a connection and sends `GET /` on it.
pub(super) async fn open(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: example.com\r\n\r\n").await.unwrap();
    stream
}

/// Reads until `end` has arrived.
pub(super) async fn read_until(stream: &mut TcpStream, end: &str) {
    let mut received = Vec::new();
    while !String::from_utf8_lossy(&received).contains(end) {
        assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0, "{received:?}");
    }
}

/// A body of the frames that the test sends. It ends when the sender is dropped, and does not
/// say so beforehand. Each poll marks the current span.
#[derive(Debug)]
pub(super) struct FedBody {
    frames: mpsc::UnboundedReceiver<Fed>,
    /// The exact length in the size hint, if there is one.
    pub(super) length: Option<u64>,
}

pub(super) type Fed = Result<Frame<Bytes>, BoxError>;

pub(super) fn fed_body() -> (mpsc::UnboundedSender<Fed>, FedBody) {
    let (sender, frames) = mpsc::unbounded_channel();
    (sender, FedBody { frames, length: None })
}

pub(super) fn data(text: &'static str) -> Fed {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

impl Body for FedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Fed>> {
        let frame = ready!(self.frames.poll_recv(cx));
        let mark = if frame.is_some() { "body.frame" } else { "body.end" };
        current_span().set_tag(mark, true);
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// A service that returns this response to one request.
pub(super) fn responding<B>(
    response: Response<B>,
) -> impl Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static
where
    B: Send + 'static,
{
    let response = Arc::new(Mutex::new(Some(response)));
    tower::service_fn(move |_| {
        let response = response.lock().unwrap().take().expect("one request");
        async { Ok(response) }
    })
}
