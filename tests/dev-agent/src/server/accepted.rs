//! Requests that tracers make besides their traces; all succeed, so that tracers do not complain.
//!
//! Telemetry is taken and forgotten; remote configuration is empty.

use axum::{Json, body::Bytes};
use http::StatusCode;
use serde_json::{Value, json};

pub(super) async fn telemetry(_: Bytes) -> StatusCode {
    StatusCode::ACCEPTED
}

pub(super) async fn remote_configuration(_: Bytes) -> Json<Value> {
    Json(json!({}))
}
