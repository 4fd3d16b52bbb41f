//! A shop of four services: one order is one trace, over HTTP with retries, gRPC and a queue.
//!
//! ```text
//!            POST /orders            GET /stock/{item}, again if it fails
//! customer ───────────────▶ gateway ───────────────▶ stock      axum, called by reqwest
//!                              ├────────────────────▶ cashier    tonic: /shop.Cashier/Charge
//!                              └──────── queue ──────▶ worker    headers in a `HashMap`
//! ```
//! Code between the calls knows only the `tracing` crate. The baggage item `user.id`, which the
//! gateway sets, reaches all services.
//!
//! The services live in one process and speak over sockets; each names itself by
//! `ServerTraceLayer::service`, where a service in a process of its own has `DD_SERVICE`.
//!
//! Spans go to the Datadog Agent that the environment names (`DD_TRACE_AGENT_URL` and others), if
//! one listens there; otherwise to an embedded one, which shows them on a page. The shop takes an
//! order, prints its trace, and stays open for more; with `--once` it closes after the first.

#![expect(clippy::print_stdout, reason = "an example prints its results")]

#[path = "../agent/mod.rs"]
mod agent;
mod cashier;
mod gateway;
mod services;
mod stock;
#[cfg(test)]
mod tests;
mod worker;

use packdog::{
    correlation::LogCorrelation,
    tracing::{CorrelatedText, layer},
};
use packdog_dev_agent::DevAgent;
use tracing_subscriber::{Layer as _, filter::LevelFilter, fmt, prelude::*, registry};

use self::{
    agent::{Failure, PATIENCE, config_for, embedded_agent},
    services::{SPANS, Shop},
};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let embedded = embedded_agent().await?;
    let packdog = config_for(embedded.as_ref()).with_service("shop").init()?;
    let ids = LogCorrelation::current();
    let logs = fmt::layer().map_event_format(|text| CorrelatedText::new(text, ids));
    registry().with(layer()).with(logs.with_filter(LevelFilter::INFO)).init();

    let shop = Shop::open().await?;
    println!("a customer orders a club sandwich");
    println!("the receipt: {}", shop.order("club").await?);
    shop.wait_until_packed().await;
    packdog.flush_async(PATIENCE).await;
    show(embedded.as_ref()).await?;
    if !std::env::args().any(|argument| argument == "--once") {
        println!("\norder more, with Ctrl-C to stop:");
        println!("  curl -X POST http://{}/orders -d toast", shop.gateway());
        tokio::signal::ctrl_c().await?;
    }
    packdog.shutdown_async(PATIENCE).await;
    Ok(())
}

/// Prints the trace of the order, and the address of the page that shows it.
async fn show(embedded: Option<&DevAgent>) -> Result<(), Failure> {
    let Some(agent) = embedded else { return Ok(()) };
    for trace in agent.wait_for_spans(SPANS, PATIENCE).await? {
        println!("\nthe trace, also at {}/trace/{:032x}:", agent.url(), trace.trace_id);
        println!("{}", trace.picture());
    }
    Ok(())
}
