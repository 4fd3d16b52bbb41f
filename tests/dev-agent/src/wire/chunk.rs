//! Rules for the spans of a chunk in every format: there is at least one, with ids, and all are of one trace.
//!
//! The upper half of the trace id is the tag `_dd.p.tid` on the first span: 16 lower-case hex digits.

use super::Refusal;
use crate::{Chunk, Span, tags};

pub(super) fn chunks(payload: impl IntoIterator<Item = Vec<Span>>) -> Result<Vec<Chunk>, Refusal> {
    payload.into_iter().enumerate().map(|(index, spans)| chunk(index, spans)).collect()
}

fn chunk(chunk: usize, spans: Vec<Span>) -> Result<Chunk, Refusal> {
    let first = spans.first().ok_or(Refusal::EmptyChunk { chunk })?;
    if let Some(span) = spans.iter().position(|span| span.trace_id == 0 || span.span_id == 0) {
        return Err(Refusal::ZeroId { chunk, span });
    }
    if spans.iter().any(|span| span.trace_id != first.trace_id) {
        return Err(Refusal::MixedTraceIds { chunk });
    }
    let high = match first.meta.get(tags::TRACE_ID_HIGH) {
        Some(text) => {
            hex_16(text).ok_or_else(|| Refusal::TraceIdHigh { chunk, value: text.clone() })?
        }
        None => 0,
    };
    Ok(Chunk { trace_id: u128::from(high) << 64 | u128::from(first.trace_id), spans })
}

/// `from_str_radix` would also take upper case, a sign and fewer digits.
fn hex_16(text: &str) -> Option<u64> {
    let digits =
        text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    digits.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}
