//! The views of traces, as JSON for the page and for scripts.
//!
//! ```text
//! /traces      {"traces_dropped":0,"traces":[{"trace_id":"<32 hex>","spans":[{"branch":"└─ ","depth":1,…}]}]}
//! /search      {"traces_dropped":0,"traces":[{"trace_id":"<32 hex>","name":"…","spans":3,"errors":0,…}]}
//! ```
//! Spans are in the order of the picture; `branch` and `label` are its line. Until something new comes, the response is 304.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::{
    Outcome, Span, Trace, model, picture, search::Search, state::Shared, state::State as Kept,
    statistics,
};

/// The most traces that a search returns.
const MAX_FOUND: usize = 1_000;

#[derive(Serialize)]
struct TracesView<T> {
    traces_dropped: usize,
    traces: Vec<T>,
}

#[derive(Serialize)]
struct TraceView<'a> {
    #[serde(serialize_with = "model::hex_32")]
    trace_id: u128,
    spans: Vec<SpanView<'a>>,
}

#[derive(Serialize)]
struct SpanView<'a> {
    branch: String,
    label: String,
    depth: usize,
    #[serde(flatten)]
    span: &'a Span,
}

/// A trace in one line.
#[derive(Serialize)]
struct TraceLine {
    #[serde(serialize_with = "model::hex_32")]
    trace_id: u128,
    service: String,
    name: String,
    resource: String,
    services: usize,
    spans: usize,
    errors: usize,
    start: i64,
    /// From the first start to the last end.
    duration: i64,
}

#[derive(Serialize)]
struct RefusalView<'a> {
    method: &'a str,
    path: &'a str,
    body_bytes: usize,
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Last {
    last: Option<usize>,
}

#[derive(Deserialize)]
pub(super) struct Searched {
    #[serde(default)]
    q: String,
}

pub(super) async fn traces(
    State(state): State<Shared>,
    Query(Last { last }): Query<Last>,
    headers: HeaderMap,
) -> Response {
    let last = last.unwrap_or(usize::MAX);
    let state = state.borrow();
    unless_known(&headers, &state, || {
        let (traces_dropped, traces) = (state.traces.traces_dropped, state.traces.traces(last));
        Json(TracesView { traces_dropped, traces: traces.iter().map(TraceView::from).collect() })
            .into_response()
    })
}

pub(super) async fn trace(
    State(state): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let state = state.borrow();
    let found = u128::from_str_radix(&id, 16).ok().and_then(|id| state.traces.trace(id));
    match found {
        Some(trace) => {
            unless_known(&headers, &state, || Json(TraceView::from(trace)).into_response())
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn search(
    State(state): State<Shared>,
    Query(Searched { q }): Query<Searched>,
    headers: HeaderMap,
) -> Response {
    let state = state.borrow();
    unless_known(&headers, &state, || {
        let search = Search::parse(&q);
        let found = state.traces.newest(MAX_FOUND).filter(|trace| search.matches(trace));
        let traces = found.filter_map(TraceLine::of).collect::<Vec<_>>();
        Json(TracesView { traces_dropped: state.traces.traces_dropped, traces }).into_response()
    })
}

pub(super) async fn statistics(State(state): State<Shared>) -> Response {
    let payloads = state.borrow().stats.payloads();
    Json(statistics::summarize(&payloads)).into_response()
}

pub(super) async fn refusals(State(state): State<Shared>) -> Response {
    let state = state.borrow();
    let views = state.refused().filter_map(|request| {
        let Outcome::Refused(refusal) = &request.outcome else { return None };
        let (method, path) = (request.method.as_str(), request.path.as_str());
        let (body_bytes, reason) = (request.body_bytes, refusal.to_string());
        Some(RefusalView { method, path, body_bytes, reason })
    });
    Json(views.collect::<Vec<_>>()).into_response()
}

pub(super) async fn forget(State(state): State<Shared>) -> StatusCode {
    state.send_modify(|state| state.traces.forget());
    StatusCode::NO_CONTENT
}

/// Makes the response, unless the browser has it already.
fn unless_known(
    headers: &HeaderMap,
    state: &Kept,
    response: impl FnOnce() -> Response,
) -> Response {
    let etag = format!("\"{}\"", state.traces.version);
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::ETAG, etag)], response()).into_response()
}

impl<'a> From<&'a Trace> for TraceView<'a> {
    fn from(trace: &'a Trace) -> Self {
        let spans = picture::lines(trace).into_iter().map(|line| {
            let picture::Line { branch, label, depth, span } = line;
            SpanView { branch, label, depth, span }
        });
        Self { trace_id: trace.trace_id, spans: spans.collect() }
    }
}

impl TraceLine {
    fn of(trace: &Trace) -> Option<Self> {
        let root = trace.spans().min_by_key(|span| (span.parent_id != 0, span.start))?;
        let start = trace.spans().map(|span| span.start).min()?;
        let end = trace.spans().map(|span| span.start.saturating_add(span.duration)).max()?;
        let services: BTreeSet<_> = trace.spans().map(|span| &span.service).collect();
        Some(Self {
            trace_id: trace.trace_id,
            service: root.service.clone(),
            name: root.name.clone(),
            resource: root.resource.clone(),
            services: services.len(),
            spans: trace.spans().count(),
            errors: trace.spans().filter(|span| span.error != 0).count(),
            start,
            duration: end.saturating_sub(start),
        })
    }
}
