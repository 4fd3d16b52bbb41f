//! A bakery that moves from OpenTelemetry to packdog in three steps, each of which runs.
//!
//! ```text
//! step 1   their server layer, their API     packdog beneath: no SDK, no exporter
//! step 2   our server layer, their API       half moved
//! step 3   our layers, our API               the crates of OpenTelemetry are gone
//! ```
//! `cargo run --bin from_opentelemetry -- 1` runs one step: a customer asks for bread, the bakery
//! bakes it and asks its own oven. Each step is one trace, and the customer's plan travels along.

#![expect(clippy::print_stdout, reason = "an example shows what happens")]

#[path = "../agent/mod.rs"]
mod agent;

mod step_1;
mod step_2;
mod step_3;

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use packdog::Guard;
use tokio::net::TcpListener;

use self::agent::{Failure, PATIENCE, config_for, embedded_agent};

/// The spans of one step.
const SPANS: usize = 4;

/// The address of the bakery, for the calls that it makes to its own oven.
#[derive(Clone, Copy)]
struct Bakery(SocketAddr);

/// One step: what it does at the start, and its routes.
type Step = (fn() -> Result<(), Failure>, fn(Bakery) -> Router);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (start, routes): Step = match std::env::args().nth(1).as_deref() {
        Some("1") | None => (step_1::start, step_1::routes),
        Some("2") => (step_2::start, step_2::routes),
        Some("3") => (step_3::start, step_3::routes),
        Some(other) => return Err(format!("there is no step {other}").into()),
    };
    let embedded = embedded_agent().await?;
    let packdog = config_for(embedded.as_ref()).with_service("bakery").init()?;
    start()?;

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let bakery = Bakery(listener.local_addr()?);
    let service = routes(bakery).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });

    let customer = reqwest::Client::builder().no_proxy().build()?;
    let bread = customer.get(format!("http://{}/breads/rye", bakery.0)).send().await?;
    println!("{}", bread.text().await?);
    show(&packdog, embedded.as_ref()).await
}

/// Sends the trace, and draws it if there is no other Agent to look at.
async fn show(
    packdog: &Guard,
    embedded: Option<&packdog_dev_agent::DevAgent>,
) -> Result<(), Failure> {
    packdog.shutdown_async(PATIENCE).await;
    if let Some(agent) = embedded {
        for trace in agent.wait_for_spans(SPANS, PATIENCE).await? {
            println!("\n{}", trace.picture());
        }
    }
    Ok(())
}
