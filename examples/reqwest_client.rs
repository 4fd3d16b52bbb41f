//! A reqwest client whose calls are traced, with an egress policy and options of one call.
//!
//! ```text
//!                                     trace headers   baggage
//! http://pantry.internal/ingredients  yes             tenant.id: a local name
//! http://api.partner.example/prices   yes             none: it is not listed
//! http://tracker.example/visits       none            none
//! ```
//! All three names lead to one server in this process, which responds with the headers that it
//! received. The spans go to an embedded Datadog Agent, which draws them.

#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::{error::Error, net::SocketAddr, time::Duration};

use axum::{Json, Router, http::HeaderMap, routing::get};
use packdog::{Config, InSpanExt, Tracer};
use packdog_client::{CallOptions, ClientTraceMiddleware, Egress};
use packdog_dev_agent::DevAgent;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tokio::net::TcpListener;

type Failure = Box<dyn Error + Send + Sync>;

/// The time that the example waits for spans to arrive.
const PATIENCE: Duration = Duration::from_secs(5);
/// The job, and its three calls.
const SPANS: usize = 4;

const PANTRY: &str = "pantry.internal";
const PARTNER: &str = "api.partner.example";
const TRACKER: &str = "tracker.example";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let agent = DevAgent::start()?;
    let config = Config::from_env().with_service("shop").with_agent_url(agent.url());
    let packdog = config.init()?;
    let address = serve().await?;
    let client = client(packdog.tracer(), address)?;

    let job = packdog.tracer().span("restock").start();
    job.baggage().set("tenant.id", "acme");
    job.baggage().set("session", "not for others");
    restock(client, address.port()).in_span(job).await?;

    packdog.shutdown_async(PATIENCE).await;
    for trace in agent.wait_for_spans(SPANS, PATIENCE).await? {
        println!("\n{}", trace.picture());
    }
    Ok(())
}

fn client(tracer: &Tracer, address: SocketAddr) -> Result<ClientWithMiddleware, Failure> {
    let egress = Egress::new()
        .trace_only_to([PANTRY, "*.partner.example"])
        // Baggage is sent to local names, such as the pantry's, and to listed hosts.
        .baggage_keys(["tenant.id"]);
    let reqwest = reqwest::Client::builder()
        .no_proxy()
        .resolve(PANTRY, address)
        .resolve(PARTNER, address)
        .resolve(TRACKER, address)
        // Without it, reqwest would send the headers to any host that it is redirected to.
        .redirect(egress.redirect_policy())
        .build()?;
    let tracing = ClientTraceMiddleware::new()
        .tracer(tracer)
        .egress(egress)
        // The spans end when the bodies have been read, and not with the heads.
        .until_body_end();
    Ok(ClientBuilder::new(reqwest).with(tracing).build())
}

async fn restock(client: ClientWithMiddleware, port: u16) -> Result<(), Failure> {
    let of_pantry = CallOptions::new()
        .resource("GET /ingredients/{id}")
        .peer_service("pantry")
        .tag("ingredient", "flour");
    let calls = [
        (format!("http://{PANTRY}:{port}/ingredients/7?token=secret"), of_pantry),
        (format!("http://{PARTNER}:{port}/prices"), CallOptions::new()),
        (format!("http://{TRACKER}:{port}/visits"), CallOptions::new().service("tracker")),
    ];
    for (url, options) in calls {
        let response = client.get(&url).with_extension(options).send().await?;
        let received: Vec<String> = response.json().await?;
        println!("{url}\n  received {}", received.join(", "));
    }
    Ok(())
}

/// A server that responds with the names of the trace headers that it received, and all baggage.
async fn serve() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(get(received));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn received(headers: HeaderMap) -> Json<Vec<String>> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let trace = text("traceparent").map(|_| "traceparent".to_owned());
    let baggage = text("baggage").map(|items| format!("baggage {items}"));
    let all = trace.into_iter().chain(baggage).collect::<Vec<_>>();
    Json(if all.is_empty() { vec!["nothing".to_owned()] } else { all })
}
