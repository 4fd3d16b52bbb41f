//! v0.5: `[string table, chunks]`; a span is an array of 12 whose texts are indices into the table.
//!
//! The table begins with the empty string and holds each string once. Links and events are JSON in `meta`.

use serde::Deserialize;

use super::{
    Refusal, chunk, json,
    strict::{self, Float64, List, Map, Text},
};
use crate::{Chunk, Span};

/// Bytes of text that all spans of a payload may refer to: a long string costs only an index each time it is used.
/// Four times the largest payload; ordinary ones expand less, since mostly short keys repeat.
const MAX_EXPANDED_BYTES: usize = 4 * super::MAX_BODY_BYTES;

/// Decodes the body of a `/v0.5/traces` request. Links and events are moved from `meta` to their own fields.
///
/// # Errors
/// The first thing that breaks the format.
pub fn decode(body: &[u8]) -> Result<Vec<Chunk>, Refusal> {
    let (List(table), List(payload)): (List<Text>, List<List<WireSpan>>) = strict::decode(body)?;
    let mut strings = Strings::new(table)?;
    let mut decoded = Vec::new();
    for List(spans) in payload {
        let spans: Result<Vec<Span>, Refusal> =
            spans.into_iter().map(|span| json::unpack(strings.resolve(span)?)).collect();
        decoded.push(spans?);
    }
    chunk::chunks(decoded)
}

#[derive(Deserialize)]
struct WireSpan(
    u32,               // service
    u32,               // name
    u32,               // resource
    u64,               // trace_id, the lower half
    u64,               // span_id
    u64,               // parent_id
    i64,               // start
    i64,               // duration
    i32,               // error
    Map<u32, u32>,     // meta
    Map<u32, Float64>, // metrics
    u32,               // type
);

struct Strings {
    table: Vec<Text>,
    /// Bytes that may still be referred to.
    budget: usize,
}

impl Strings {
    fn new(table: Vec<Text>) -> Result<Self, Refusal> {
        if table.first().is_none_or(|Text(first)| !first.is_empty()) {
            return Err(Refusal::FirstString);
        }
        let mut seen = std::collections::HashSet::new();
        if let Some(Text(text)) = table.iter().find(|text| !seen.insert(*text)) {
            return Err(Refusal::RepeatedString { text: text.clone() });
        }
        Ok(Self { table, budget: MAX_EXPANDED_BYTES })
    }

    fn text(&mut self, index: u32) -> Result<String, Refusal> {
        let strings = self.table.len();
        let Some(Text(text)) = usize::try_from(index).ok().and_then(|index| self.table.get(index))
        else {
            return Err(Refusal::NoSuchString { index, strings });
        };
        let Some(budget) = self.budget.checked_sub(text.len()) else {
            return Err(Refusal::TooLarge { limit_bytes: MAX_EXPANDED_BYTES });
        };
        self.budget = budget;
        Ok(text.clone())
    }

    fn resolve(&mut self, wire: WireSpan) -> Result<Span, Refusal> {
        let WireSpan(
            service,
            name,
            resource,
            trace_id,
            span_id,
            parent_id,
            start,
            duration,
            error,
            meta,
            metrics,
            kind,
        ) = wire;
        let mut span = Span {
            service: self.text(service)?,
            name: self.text(name)?,
            resource: self.text(resource)?,
            trace_id,
            span_id,
            parent_id,
            start,
            duration,
            error,
            span_type: self.text(kind)?,
            ..Span::default()
        };
        for (key, value) in meta.0 {
            span.meta.insert(self.text(key)?, self.text(value)?);
        }
        for (key, Float64(value)) in metrics.0 {
            span.metrics.insert(self.text(key)?, value);
        }
        Ok(span)
    }
}
