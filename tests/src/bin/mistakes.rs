//! A program that makes the mistakes of a first hour, for `tests/integration/mistakes.rs`.
//!
//! ```text
//! guard    drops the guard at once, and then has a span
//! init     serves requests, and has no tracer
//! off      the same, but it was initialized and the environment turns tracing off
//! order    writes baggage outside of the layer that opens the span
//! ```
//! It ends when its standard input does.

#![expect(clippy::print_stdout, reason = "the test reads it")]

use std::{error::Error, io};

use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};
use packdog_server::ServerTraceLayer;
use tower::ServiceExt;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    match std::env::args().nth(1).as_deref() {
        Some("guard") => {
            let _ = packdog::init()?;
            packdog::span("late").in_scope(|_| ());
            end();
        }
        Some("init") => {
            serve().await?;
            end();
        }
        Some("off") => {
            let _packdog = packdog::init()?;
            serve().await?;
            end();
        }
        Some("order") => {
            let _packdog = packdog::init()?;
            serve().await?;
            end();
        }
        mistake => return Err(format!("unknown mistake {mistake:?}").into()),
    }
    Ok(())
}

/// Waits for the test, which closes standard input.
fn end() {
    println!("forgotten: {}", packdog::internal::is_forgotten());
    let _ = io::stdin().read_line(&mut String::new());
}

/// Serves two requests, each through the layer and a middleware around it.
async fn serve() -> Result<(), Failure> {
    let app = Router::new()
        .route("/", get(async || "hello"))
        .layer(ServerTraceLayer::new())
        .layer(from_fn(plan)); // Around the layer above, where no span is current yet.
    for _ in 0..2 {
        app.clone().oneshot(Request::new(Body::empty())).await?;
    }
    Ok(())
}

async fn plan(request: Request, next: Next) -> Response {
    packdog::current_span().baggage().set("plan", "pro");
    next.run(request).await
}
