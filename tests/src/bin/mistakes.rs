//! A program that makes the mistakes of a first hour, for `tests/integration/mistakes.rs`.
//!
//! ```text
//! guard    drops the guard at once, and then has a span
//! init     serves requests, and has no tracer
//! off      the same, but it was initialized and the environment turns tracing off
//! logger   serves requests, and has a logger and no tracer
//! order    writes baggage outside of the layer that opens the span
//! route    serves a route that was added after the layer
//! ```
//! It ends when its standard input does.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "the test reads them")]

use std::{error::Error, io};

use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};
use packdog::Tracer;
use packdog_server::{ActiveBaggage, ActiveSpan, ServerTraceLayer};
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
        Some("logger") => {
            log::set_logger(&Logger)?;
            log::set_max_level(log::LevelFilter::Warn);
            serve().await?;
            end();
        }
        Some("route") => {
            let _packdog = packdog::init()?;
            serve_added_routes().await?;
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

/// Serves requests of routes that the layer does not cover, and before them those of others: one that
/// it ignores, one whose handler runs in a task of its own, and one whose layer is turned off.
async fn serve_added_routes() -> Result<(), Failure> {
    let off = Router::new()
        .route("/off", get(async |_: ActiveSpan| "hello"))
        .layer(ServerTraceLayer::new().tracer(&Tracer::disabled()));
    let app = Router::new()
        .route("/ignored", get(async |_: ActiveSpan| "hello"))
        .route("/task", get(async |_: ActiveSpan| "hello"))
        .layer(from_fn(in_task))
        .layer(ServerTraceLayer::new().ignore_path("/ignored"))
        .merge(off)
        .route("/users/{id}", get(async |_: ActiveSpan| "hello"))
        .route("/orders", get(async |_: ActiveBaggage| "hello"));
    for path in ["/ignored", "/task", "/off", "/users/7", "/orders"] {
        app.clone().oneshot(Request::get(path).body(Body::empty())?).await?;
    }
    Ok(())
}

/// A logger of the application.
struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        eprintln!("{} {}: {}", record.level(), record.target(), record.args());
    }

    fn flush(&self) {}
}

async fn plan(request: Request, next: Next) -> Response {
    packdog::current_span().baggage().set("plan", "pro");
    next.run(request).await
}

/// Runs a handler to its end, even if the client hangs up.
async fn in_task(request: Request, next: Next) -> Response {
    tokio::spawn(next.run(request)).await.unwrap_or_default()
}
