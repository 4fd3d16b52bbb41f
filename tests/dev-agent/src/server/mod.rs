//! The server: endpoints for tracers (intake, info) and for people (traces as JSON, one page).

mod accepted;
mod info;
mod intake;
mod page;
mod stats;
mod views;

use std::net::TcpListener;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{MethodFilter, any, get, on, post},
};
use tokio::sync::oneshot;

use crate::{Behavior, paths, state::Shared, wire};

/// Serves until the other end of `stopped` is dropped.
pub(crate) async fn serve(listener: TcpListener, state: Shared, stopped: oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    tokio::select! {
        _ = async { axum::serve(listener, router(state)).await } => {}
        _ = stopped => {}
    }
}

fn router(state: Shared) -> Router {
    let pages =
        page::routes().fold(Router::new(), |router, (path, route)| router.route(path, route));
    pages
        .route(paths::TRACES_V04, intake::intake(wire::decode_v04))
        .route(paths::TRACES_V05, intake::intake(wire::decode_v05))
        .route(paths::STATS, on(MethodFilter::PUT.or(MethodFilter::POST), stats::intake))
        .route(paths::TELEMETRY, post(accepted::telemetry))
        .route(paths::REMOTE_CONFIGURATION, any(accepted::remote_configuration))
        .route(paths::INFO, get(info::info))
        .route("/traces", get(views::traces).delete(views::forget))
        .route("/traces/{id}", get(views::trace))
        .route("/search", get(views::search))
        .route("/statistics", get(views::statistics))
        .route("/refusals", get(views::refusals))
        .layer(DefaultBodyLimit::max(wire::MAX_BODY_BYTES))
        .with_state(state)
}

/// Waits at the gate while the Agent holds, then returns the behavior in force.
async fn pass_gate(state: &Shared) -> Behavior {
    let mut changes = state.subscribe();
    let behavior =
        changes.wait_for(|state| !state.behavior.holds).await.map(|state| state.behavior.clone());
    behavior.unwrap_or_default() // The other end is `state` itself.
}

#[cfg(test)]
mod tests;
