//! Trace intake: a request is recorded, waits at the gate, is checked and decoded, and gets the rates in response.
//!
//! Checked headers: `Content-Type`, `Content-Length`, `X-Datadog-Trace-Count` (which must be true),
//! `Datadog-Meta-Lang`, `Datadog-Meta-Tracer-Version`.

use std::{collections::BTreeMap, time::Instant};

use axum::{
    Json,
    body::Bytes,
    extract::{
        State,
        rejection::{BytesRejection, FailedToBufferBody},
    },
    response::{IntoResponse as _, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde::Serialize;

use super::{info, pass_gate};
use crate::{Chunk, Outcome, Refusal, received::TraceRequest, state::Shared, wire::MAX_BODY_BYTES};

const MSGPACK: &str = "application/msgpack";
const TRACE_COUNT: &str = "x-datadog-trace-count";
const REQUIRED_HEADERS: [&str; 3] =
    ["content-length", "datadog-meta-lang", "datadog-meta-tracer-version"];

type Decode = fn(&[u8]) -> Result<Vec<Chunk>, Refusal>;

#[derive(Serialize)]
struct Rates {
    rate_by_service: BTreeMap<String, f64>,
}

/// Takes `PUT` and `POST` in one format.
pub(super) fn intake(decode: Decode) -> MethodRouter<Shared> {
    on(
        MethodFilter::PUT.or(MethodFilter::POST),
        move |State(state): State<Shared>,
              method: Method,
              uri: Uri,
              headers: HeaderMap,
              body: Result<Bytes, BytesRejection>| async move {
            let path = uri.path().to_owned();
            let body_bytes = body.as_ref().map_or(0, Bytes::len);
            let outcome = Outcome::Waiting;
            let request = TraceRequest { method, path, headers, body_bytes, outcome };
            receive(&state, request, body, decode).await
        },
    )
}

async fn receive(
    state: &Shared,
    request: TraceRequest,
    body: Result<Bytes, BytesRejection>,
    decode: Decode,
) -> Response {
    let (path, headers) = (request.path.clone(), request.headers.clone());
    let mut number = 0;
    state.send_modify(|state| number = state.requests.add(request));

    let behavior = pass_gate(state).await;
    let missing = (!behavior.endpoints.contains(&path)).then_some(StatusCode::NOT_FOUND);
    if let Some(status) = behavior.status.or(missing) {
        state.send_modify(|state| state.settle(number, Outcome::FixedStatus(status)));
        return status.into_response();
    }
    match check(&headers, body, decode) {
        Ok(chunks) => {
            state.send_modify(|state| state.accept(number, chunks, Instant::now()));
            let agent_state = (info::AGENT_STATE, info::fingerprint(&behavior));
            ([agent_state], Json(Rates { rate_by_service: behavior.rates })).into_response()
        }
        Err(refusal) => {
            let response = (refusal.status(), format!("{refusal}\n"));
            state.send_modify(|state| state.settle(number, Outcome::Refused(refusal)));
            response.into_response()
        }
    }
}

fn check(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    decode: Decode,
) -> Result<Vec<Chunk>, Refusal> {
    check_headers(headers)?;
    let trace_count =
        text(headers, TRACE_COUNT).ok_or(Refusal::MissingHeader { name: TRACE_COUNT })?;

    let chunks = decode(&body.map_err(unreadable)?)?;
    if trace_count != chunks.len().to_string() {
        return Err(Refusal::TraceCount { header: trace_count.to_owned(), chunks: chunks.len() });
    }
    Ok(chunks)
}

/// Checks the headers that every payload needs.
pub(super) fn check_headers(headers: &HeaderMap) -> Result<(), Refusal> {
    let content_type = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    if content_type != MSGPACK {
        return Err(Refusal::ContentType { found: content_type.to_owned() });
    }
    let missing =
        REQUIRED_HEADERS.into_iter().find(|name| text(headers, name).is_none_or(str::is_empty));
    missing.map_or(Ok(()), |name| Err(Refusal::MissingHeader { name }))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

pub(super) fn unreadable(rejection: BytesRejection) -> Refusal {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Refusal::TooLarge { limit_bytes: MAX_BODY_BYTES }
        }
        _ => Refusal::BrokenOff,
    }
}
