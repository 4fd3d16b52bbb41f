//! Intake of statistics: checked and decoded as strictly as traces.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri};

use super::{
    intake::{check_headers, unreadable},
    pass_gate,
};
use crate::{
    Outcome, Refusal, StatsPayload, paths::STATS, received::TraceRequest, state::Shared, wire,
};

pub(super) async fn intake(
    State(state): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let behavior = pass_gate(&state).await;
    let missing =
        (!behavior.endpoints.iter().any(|path| path == STATS)).then_some(StatusCode::NOT_FOUND);
    if let Some(status) = behavior.status.or(missing) {
        return status.into_response();
    }
    let body_bytes = body.as_ref().map_or(0, Bytes::len);
    match check(&headers, body) {
        Ok(payload) => {
            state.send_modify(|state| state.stats.add(payload));
            StatusCode::OK.into_response()
        }
        Err(refusal) => {
            let response = (refusal.status(), format!("{refusal}\n"));
            let (path, outcome) = (uri.path().to_owned(), Outcome::Refused(refusal));
            let request = TraceRequest { method, path, headers, body_bytes, outcome };
            state.send_modify(|state| state.refuse(request));
            response.into_response()
        }
    }
}

fn check(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatsPayload, Refusal> {
    check_headers(headers)?;
    wire::decode_stats(&body.map_err(unreadable)?)
}
