//! The reasons why requests are refused, each a mistake of the sender.

use std::fmt::{self, Display, Formatter};

use http::StatusCode;

/// The reason why a trace request is refused. Chunks and spans are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// `Content-Type` is not `application/msgpack`.
    ContentType {
        /// Empty if the header is absent.
        found: String,
    },
    /// A required header is absent or not text.
    MissingHeader {
        /// In lower case.
        name: &'static str,
    },
    /// `X-Datadog-Trace-Count` is not the number of chunks in the body.
    TraceCount {
        /// As it came.
        header: String,
        /// The real number.
        chunks: usize,
    },
    /// The body is larger than the Agent takes.
    TooLarge {
        /// The limit in bytes, of the body or of the text that its string table expands to.
        limit_bytes: usize,
    },
    /// The body ended before its announced length.
    BrokenOff,
    /// The body is not msgpack, or not of the format.
    Malformed {
        /// Path to the value, such as `[0][2].meta.key`.
        at: String,
        /// The expected and the found type.
        reason: String,
    },
    /// Bytes follow the payload.
    TrailingBytes {
        /// The number of bytes.
        count: usize,
    },
    /// A chunk has no spans.
    EmptyChunk {
        /// Its index.
        chunk: usize,
    },
    /// The spans of a chunk belong to several traces.
    MixedTraceIds {
        /// Its index.
        chunk: usize,
    },
    /// A trace or span id is 0.
    ZeroId {
        /// Index of the chunk.
        chunk: usize,
        /// Index of the span in it.
        span: usize,
    },
    /// `_dd.p.tid` is not 16 lower-case hex digits.
    TraceIdHigh {
        /// Index of the chunk.
        chunk: usize,
        /// The tag's value.
        value: String,
    },
    /// The string table of v0.5 does not begin with the empty string.
    FirstString,
    /// A string is in the string table of v0.5 twice.
    RepeatedString {
        /// The repeated string.
        text: String,
    },
    /// A span of v0.5 refers to a string that is not in the table.
    NoSuchString {
        /// The index that it refers to.
        index: u32,
        /// The number of entries that exist.
        strings: usize,
    },
}

impl Refusal {
    /// The status that the sender gets.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::ContentType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl std::error::Error for Refusal {}

impl Display for Refusal {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContentType { found } => {
                write!(out, "content-type is {found:?}, not \"application/msgpack\"")
            }
            Self::MissingHeader { name } => write!(out, "header {name} is missing"),
            Self::TraceCount { header, chunks } => {
                write!(out, "x-datadog-trace-count is {header:?}, but the body has {chunks} chunks")
            }
            Self::TooLarge { limit_bytes } => {
                write!(out, "payload is larger than {limit_bytes} bytes")
            }
            Self::BrokenOff => write!(out, "body ended before its announced length"),
            Self::Malformed { at, reason } => write!(out, "at {at}: {reason}"),
            Self::TrailingBytes { count } => write!(out, "{count} bytes follow the payload"),
            Self::EmptyChunk { chunk } => write!(out, "chunk {chunk} has no spans"),
            Self::MixedTraceIds { chunk } => write!(out, "chunk {chunk} mixes several trace ids"),
            Self::ZeroId { chunk, span } => {
                write!(out, "chunk {chunk}, span {span}: trace_id or span_id is 0")
            }
            Self::TraceIdHigh { chunk, value } => {
                write!(out, "chunk {chunk}: _dd.p.tid is {value:?}, not 16 lower-case hex digits")
            }
            Self::FirstString => write!(out, "string table does not begin with the empty string"),
            Self::RepeatedString { text } => write!(out, "string table has {text:?} twice"),
            Self::NoSuchString { index, strings } => {
                write!(out, "string {index} is not in the table of {strings} strings")
            }
        }
    }
}
