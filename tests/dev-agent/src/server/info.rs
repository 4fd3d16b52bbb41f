//! `/info`: the endpoint that lists the features of the Agent for tracers.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::pass_gate;
use crate::{Behavior, state::Shared};

/// A text that changes when `/info` does; trace responses carry it too, so that tracers know when to ask again.
pub(super) const AGENT_STATE: &str = "datadog-agent-state";

pub(super) async fn info(State(state): State<Shared>) -> Response {
    let behavior = pass_gate(&state).await;
    let missing = (!behavior.info).then_some(StatusCode::NOT_FOUND);
    match behavior.status.or(missing) {
        Some(status) => status.into_response(),
        None => {
            ([(AGENT_STATE, fingerprint(&behavior))], Json(document(&behavior))).into_response()
        }
    }
}

pub(super) fn fingerprint(behavior: &Behavior) -> String {
    let mut hasher = DefaultHasher::new();
    document(behavior).to_string().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn document(behavior: &Behavior) -> Value {
    let mut document = json!({
        // The first Agent that lets tracers compute statistics and drop traces.
        "version": concat!("7.65.0-packdog-dev-agent.", env!("CARGO_PKG_VERSION")),
        "endpoints": behavior.endpoints,
        "client_drop_p0s": behavior.client_drop_p0s,
        "span_events": behavior.span_events,
        "span_meta_structs": behavior.span_meta_structs,
        "long_running_spans": false,
        "peer_tags": behavior.peer_tags,
        "span_kinds_stats_computed": ["server", "client", "producer", "consumer"],
        "feature_flags": [],
        "config": { "default_env": "none" },
    });
    if let Some(fields) = document.as_object_mut() {
        fields.extend(behavior.info_fields.clone());
    }
    document
}
