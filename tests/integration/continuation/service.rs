//! The service that is called, once with and once without the layer, and a client that sends bytes as they are.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::State, routing::post};
use http::{HeaderMap, StatusCode};
use packdog::{
    Config, Guard,
    propagation::PropagationConfig,
    span::{SpanId, TraceId},
};
use packdog_dev_agent::{DevAgent, Span};
use packdog_server::{ActiveBaggage, ActiveSpan, ServerTraceLayer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// Far longer than a span ever takes to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A header line: name and value.
pub(super) type Line<'a> = (&'a str, &'a [u8]);

pub(super) struct Service {
    agent: DevAgent,
    tracer: Arc<Guard>,
    traced: SocketAddr,
    bare: SocketAddr,
    seen: mpsc::UnboundedReceiver<Seen>,
}

/// The context that the handler saw.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) trace_id: Option<TraceId>,
    pub(super) span_id: Option<SpanId>,
    pub(super) baggage: BTreeMap<String, String>,
}

/// The outcome of one request.
pub(super) struct Outcome {
    /// The response, without its date.
    pub(super) response: String,
    /// The response of the same service without the layer.
    pub(super) bare_response: String,
    pub(super) seen: Seen,
    /// The span of the request, as the Agent has it.
    pub(super) span: Span,
    /// The whole id of its trace.
    pub(super) trace_id: u128,
}

impl Service {
    pub(super) async fn start(propagation: PropagationConfig) -> Self {
        let agent = DevAgent::start().unwrap();
        let config = Config::new().with_service("users").with_propagation(propagation);
        let config = config.with_agent_url(agent.url());
        let tracer = Arc::new(config.build().unwrap());
        let (sender, seen) = mpsc::unbounded_channel();
        let traced = serve(router(sender).layer(ServerTraceLayer::new().tracer(tracer.tracer())));
        let (unread, _) = mpsc::unbounded_channel();
        let bare = serve(router(unread));
        Self { traced: traced.await, bare: bare.await, agent, tracer, seen }
    }

    /// Sends the same request to both services.
    pub(super) async fn call(&mut self, headers: &[Line<'_>]) -> Outcome {
        self.agent.forget();
        let [response, bare_response] = self.responses(headers).await;
        let seen = self.seen.recv().await.unwrap();
        let spans = self.spans(1).await;
        let [(trace_id, span)] = spans.as_slice() else { panic!("not one span: {spans:?}") };
        Outcome { response, bare_response, seen, span: span.clone(), trace_id: *trace_id }
    }

    /// The responses with and without the layer.
    pub(super) async fn responses(&self, headers: &[Line<'_>]) -> [String; 2] {
        [send(self.traced, headers).await, send(self.bare, headers).await]
    }

    /// All spans, each with the id of its trace, once there are `count`.
    pub(super) async fn spans(&self, count: usize) -> Vec<(u128, Span)> {
        let tracer = Arc::clone(&self.tracer);
        tokio::task::spawn_blocking(move || tracer.flush(PATIENCE)).await.unwrap();
        let traces = self.agent.wait_for_spans(count, PATIENCE).await.unwrap();
        let spans = traces.iter().flat_map(|trace| trace.spans().map(|s| (trace.trace_id, s)));
        spans.map(|(trace_id, span)| (trace_id, span.clone())).collect()
    }
}

impl Outcome {
    pub(super) fn baggage(&self) -> Vec<(&str, &str)> {
        self.seen.baggage.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }
}

fn router(seen: mpsc::UnboundedSender<Seen>) -> Router {
    Router::new().route("/seen", post(handler)).with_state(seen)
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Returns the headers and the body that it received, so that a loss is noticed.
async fn handler(
    State(seen): State<mpsc::UnboundedSender<Seen>>,
    span: ActiveSpan,
    baggage: ActiveBaggage,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    let items = baggage.items();
    let baggage = items.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    // The service without the layer has no receiver.
    let _ = seen.send(Seen { trace_id: span.trace_id(), span_id: span.span_id(), baggage });
    let received = headers.iter().map(|(name, value)| format!("{name}: {value:?}\n"));
    (StatusCode::CREATED, [("x-response", "whole")], received.collect::<String>() + &body)
}

/// Sends a request of these bytes and returns the response without its date.
async fn send(address: SocketAddr, headers: &[Line<'_>]) -> String {
    let mut request = b"POST /seen HTTP/1.1\r\nconnection: close\r\nhost: users\r\n".to_vec();
    for (name, value) in [("content-length", &b"5"[..])].iter().chain(headers) {
        request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    request.extend(b"\r\nhello");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut responses, mut requests) = stream.split();
    let mut response = Vec::new();
    // Both at once: a server that refuses a large head responds before it has read it, and then closes.
    let (_, read) =
        tokio::join!(requests.write_all(&request), responses.read_to_end(&mut response));
    // The server may reset the connection, which is an error here; the bytes before it count.
    let _ = read;
    let response = String::from_utf8(response).unwrap();
    response.split_inclusive("\r\n").filter(|line| !line.starts_with("date: ")).collect()
}
