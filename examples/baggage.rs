//! Baggage across three services: the counterpart of Datadog's Flask example.
//!
//! ```text
//! initiator ──POST /send──▶ service one ──POST /receive──▶ service two
//!  sets key3                 sets key1, key2                responds with its baggage
//!                            removes key1, later all
//! ```
//! Service two is a local host; a host that is not gets no baggage, unless it is listed
//! ([`Egress`]).
//!
//! Each service is an axum server or a reqwest client with a tracer of its own, in one process,
//! and speaks HTTP with the others. Spans go to the Datadog Agent that the environment names
//! (`DD_TRACE_AGENT_URL` and others), if one listens there; otherwise to an embedded one, which
//! draws the trace at the end.
//!
//! With `--serve` the services keep running, to be called by hand.

#![expect(clippy::print_stdout, reason = "an example prints its results")]

mod agent;

use std::net::SocketAddr;

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use packdog::{
    Baggage, Guard, InSpanExt,
    http::{Endpoint, host::Host},
};
use packdog_client::{ClientTraceMiddleware, Egress};
use packdog_server::{ActiveBaggage, ServerTraceLayer};
use reqwest_middleware::ClientWithMiddleware;
use serde_json::{Map, Value};
use tokio::net::TcpListener;

use self::agent::{Failure, PATIENCE, config_for, embedded_agent};

/// initiator · its call · service one · its call · service two.
const SPANS: usize = 5;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let embedded = embedded_agent().await?;
    let config = config_for(embedded.as_ref());
    let tracer = |service: &str| config.clone().with_service(service).build();
    let (initiator, one, two) =
        (tracer("initiator")?, tracer("service-one")?, tracer("service-two")?);

    let second = serve(Router::new().route("/receive", post(receive)), &two).await?;
    let downstream = Downstream { client: client(&one), url: format!("http://{second}/receive") };
    let first = Router::new().route("/send", post(send)).with_state(downstream);
    let first = serve(first, &one).await?;

    show_policy();
    let span = initiator.tracer().span("initiator.start").start();
    let trace_id = span.trace_id();
    initiate(&client(&initiator), first).in_span(span).await?;

    if std::env::args().any(|argument| argument == "--serve") {
        println!("\nservice one listens; call it, with Ctrl-C to stop:");
        println!("  curl -X POST -H 'baggage: key3=value3' http://{first}/send");
        tokio::signal::ctrl_c().await?;
    }
    for guard in [initiator, one, two] {
        guard.shutdown_async(PATIENCE).await;
    }
    match embedded {
        Some(agent) => {
            for trace in agent.wait_for_spans(SPANS, PATIENCE).await? {
                println!("\nthe trace:\n{}", trace.picture());
            }
        }
        None => println!(
            "\nthe trace is at {}/trace/{}",
            config.agent_url(),
            trace_id.map(|id| id.to_string()).unwrap_or_default()
        ),
    }
    Ok(())
}

/// Serves `router` with request spans of this tracer, on a free port.
async fn serve(router: Router, tracer: &Guard) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = router.layer(ServerTraceLayer::new().tracer(tracer.tracer()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// A client with call spans of this tracer.
fn client(tracer: &Guard) -> ClientWithMiddleware {
    reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
        .with(ClientTraceMiddleware::new().tracer(tracer.tracer()))
        .build()
}

/// Shows the hosts that get baggage: local hosts by default, then also those that are listed.
fn show_policy() {
    let listed = Egress::new().baggage_to(["*.example.com"]);
    for host in ["localhost", "api.example.com", "example.org", "169.254.169.254"] {
        let endpoint = Endpoint { host: Host::parse(host), port: Some(443) };
        let gets = |egress: &Egress| if egress.gives_baggage(&endpoint) { "yes" } else { "no" };
        let (by_default, if_listed) = (gets(&Egress::new()), gets(&listed));
        println!("{host:<16} gets baggage: {by_default}, with *.example.com listed: {if_listed}");
    }
}

async fn initiate(client: &ClientWithMiddleware, first: SocketAddr) -> Result<(), Failure> {
    let baggage = packdog::current_span().baggage();
    baggage.set("key3", "value3");
    say("initiator", "sets key3, so that it has", &baggage.items());
    let received = client.post(format!("http://{first}/send")).send().await?.text().await?;
    println!("initiator    learns that service two received {received}");
    Ok(())
}

#[derive(Clone)]
struct Downstream {
    client: ClientWithMiddleware,
    url: String,
}

async fn send(
    baggage: ActiveBaggage,
    State(downstream): State<Downstream>,
) -> Result<Json<Value>, (StatusCode, String)> {
    say("service one", "received", &baggage.items());
    baggage.set("key1", "value1");
    baggage.set("key2", "value2");
    say("service one", "sets key1 and key2, so that it has", &baggage.items());
    baggage.remove("key1");
    say("service one", "removes key1, so that it sends", &baggage.items());
    let received = downstream.call().await.map_err(|e| (StatusCode::BAD_GATEWAY, e.to_string()))?;
    baggage.clear();
    say("service one", "removes all, so that it has", &baggage.items());
    Ok(Json(received))
}

impl Downstream {
    async fn call(&self) -> reqwest_middleware::Result<Value> {
        Ok(self.client.post(&self.url).send().await?.json().await?)
    }
}

async fn receive(baggage: ActiveBaggage) -> Json<Map<String, Value>> {
    let items = baggage.items();
    say("service two", "received", &items);
    Json(items.iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect())
}

fn say(who: &str, what: &str, baggage: &Baggage) {
    let items = baggage.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
    let items = if items.is_empty() { "nothing".to_owned() } else { items.join(", ") };
    println!("{who:<12} {what} {items}");
}
