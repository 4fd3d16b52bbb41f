//! The stock: an axum server that is out of order for a moment, so that its caller tries again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};

pub(crate) fn router() -> Router {
    Router::new().route("/stock/{item}", get(stock)).with_state(Arc::<AtomicBool>::default())
}

/// Fails the first request, and serves all others.
async fn stock(State(is_open): State<Arc<AtomicBool>>, Path(item): Path<String>) -> StatusCode {
    if !is_open.swap(true, Relaxed) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    take(&item);
    StatusCode::NO_CONTENT
}

#[tracing::instrument]
fn take(item: &str) {
    tracing::info!("taken from the shelf");
}
