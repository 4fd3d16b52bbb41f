//! Received traces, the same for every wire format.
//!
//! ```text
//! Trace 1 ─── n chunk 1 ─── n Span 1 ─┬─ n SpanLink
//!                                     └─ n SpanEvent 1 ─── n AttributeValue
//! ```
//! In JSON, ids are hex text of full width: JavaScript's numbers hold 53 bits only.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// Spans of one trace that were sent together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chunk {
    /// As in [`Trace::trace_id`].
    pub trace_id: u128,
    /// In the order of the payload; never empty.
    pub spans: Vec<Span>,
}

/// All spans received under one 128-bit trace id, from any process.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The full id: the upper half comes from `_dd.p.tid` on the first span of each chunk, 0 where it is absent.
    pub trace_id: u128,
    /// In order of arrival.
    pub chunks: Vec<Chunk>,
}

impl Trace {
    /// Returns the spans of all chunks, in order of arrival.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.chunks.iter().flat_map(|chunk| &chunk.spans)
    }
}

/// One span as it was received.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Span {
    /// The service that did the work.
    pub service: String,
    /// The operation name, such as `http.request`.
    pub name: String,
    /// The object of the work, such as `GET /users/{id}`.
    pub resource: String,
    /// The lower 64 bits of the trace id; [`Trace::trace_id`] has all of them.
    #[serde(serialize_with = "hex_16")]
    pub trace_id: u64,
    /// Never 0.
    #[serde(serialize_with = "hex_16")]
    pub span_id: u64,
    /// 0 for the root of a trace.
    #[serde(serialize_with = "hex_16")]
    pub parent_id: u64,
    /// Nanoseconds since 1970.
    pub start: i64,
    /// Nanoseconds.
    pub duration: i64,
    /// 1 for a failed span, otherwise 0.
    pub error: i32,
    /// Tags with text values.
    pub meta: BTreeMap<String, String>,
    /// Tags with numeric values.
    pub metrics: BTreeMap<String, f64>,
    /// `web`, `http`, `sql`, …; may be empty.
    #[serde(rename = "type")]
    pub span_type: String,
    /// Other spans that this one is related to.
    pub span_links: Vec<SpanLink>,
    /// Points in time within the span.
    pub span_events: Vec<SpanEvent>,
    /// Structured tags; each value is a msgpack document. In JSON: hex.
    #[serde(serialize_with = "hex_documents")]
    pub meta_struct: BTreeMap<String, Vec<u8>>,
}

/// A relation to a span of this or another trace.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SpanLink {
    /// All 128 bits.
    #[serde(serialize_with = "hex_32")]
    pub trace_id: u128,
    /// Never 0.
    #[serde(serialize_with = "hex_16")]
    pub span_id: u64,
    /// The meaning of the relation.
    pub attributes: BTreeMap<String, String>,
    /// The linked context's `tracestate`; empty if it had none.
    pub tracestate: String,
    /// The linked context's W3C trace flags, `None` if unknown. The bit 31 that marks known flags in v0.4 is removed.
    pub flags: Option<u32>,
}

/// A point in time within a span.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SpanEvent {
    /// Nanoseconds since 1970.
    pub time_unix_nano: u64,
    /// The name of the event.
    pub name: String,
    /// Details of the event.
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// The value of a span event's attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Text.
    String(String),
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Double(f64),
    /// Several values of one kind, never arrays.
    Array(Vec<AttributeValue>),
}

pub(crate) fn hex_32<S: Serializer>(id: &u128, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(&format_args!("{id:032x}"))
}

fn hex_16<S: Serializer>(id: &u64, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(&format_args!("{id:016x}"))
}

fn hex_documents<S: Serializer>(
    documents: &BTreeMap<String, Vec<u8>>,
    out: S,
) -> Result<S::Ok, S::Error> {
    let hex = |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    out.collect_map(documents.iter().map(|(key, bytes)| (key, hex(bytes))))
}

impl AttributeValue {
    /// Makes an array of values that are of one kind, as they must be.
    pub(crate) fn array(values: Vec<Self>) -> Result<Self, &'static str> {
        let kind = values.first().map(std::mem::discriminant);
        match values.iter().all(|value| {
            !matches!(value, Self::Array(_)) && Some(std::mem::discriminant(value)) == kind
        }) {
            true => Ok(Self::Array(values)),
            false => Err("values of an array must be of one kind and no arrays"),
        }
    }

    /// Its approximate size in memory.
    pub(crate) fn bytes(&self) -> usize {
        let own = size_of::<Self>();
        match self {
            Self::String(text) => own + text.len(),
            Self::Array(values) => own + values.iter().map(Self::bytes).sum::<usize>(),
            Self::Bool(_) | Self::Int(_) | Self::Double(_) => own,
        }
    }
}
