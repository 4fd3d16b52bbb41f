//! What people see: traces as JSON and the page that draws them.
//!
//! ```text
//! {"traces_dropped":0,"traces":[{"trace_id":"<32 hex>","spans":[{"branch":"└─ ","label":"…","span_id":"<16 hex>",…}]}]}
//! ```
//! Spans are in the order of the picture; `branch` and `label` are its line.

use axum::{
    Json,
    extract::State,
    response::{Html, IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, Uri, header};
use serde::Serialize;

use crate::{Span, Trace, model, picture, state::Shared};

#[derive(Serialize)]
struct TracesView<'a> {
    traces_dropped: usize,
    traces: Vec<TraceView<'a>>,
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
    #[serde(flatten)]
    span: &'a Span,
}

pub(super) async fn page() -> Html<&'static str> {
    Html(include_str!("viewer.html"))
}

pub(super) async fn forget(State(state): State<Shared>) -> StatusCode {
    state.send_modify(|state| state.traces.forget());
    StatusCode::NO_CONTENT
}

/// The page asks every second: as long as nothing came, the answer is 304.
pub(super) async fn traces(State(state): State<Shared>, uri: Uri, headers: HeaderMap) -> Response {
    let last = uri
        .query()
        .and_then(|query| query.strip_prefix("last=")?.parse().ok())
        .unwrap_or(usize::MAX);
    let (etag, traces_dropped, traces) = {
        let state = state.borrow();
        let etag = format!("\"{}-{last}\"", state.traces.version);
        if headers
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| known.as_bytes() == etag.as_bytes())
        {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        (etag, state.traces.traces_dropped, state.traces.traces(last))
    };
    let traces = traces.iter().map(TraceView::from).collect();
    ([(header::ETAG, etag)], Json(TracesView { traces_dropped, traces })).into_response()
}

impl<'a> From<&'a Trace> for TraceView<'a> {
    fn from(trace: &'a Trace) -> Self {
        let spans = picture::lines(trace).into_iter();
        let spans =
            spans.map(|line| SpanView { branch: line.branch, label: line.label, span: line.span });
        Self { trace_id: trace.trace_id, spans: spans.collect() }
    }
}
