//! The notes about a span that OpenTelemetry's rules need, in the byte that packdog keeps for them.
//!
//! ```text
//! bits 0-1  status: unset, error, ok
//! bits 2-4  kind, in the order of `KINDS`; zero if packdog's API started the span
//! ```

use packdog_api::implementation::OpenSpan;

/// The status of a span, in ascending order: a lower one does not replace a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Unset,
    Error,
    Ok,
}

/// The kind of a span that OpenTelemetry's API started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

const KINDS: [Kind; 5] =
    [Kind::Internal, Kind::Server, Kind::Client, Kind::Producer, Kind::Consumer];
const STATUS_BITS: u8 = 0b11;
const KIND_SHIFT: u8 = 2;

impl Kind {
    /// Returns the value of the tag `span.kind`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

impl From<Option<&opentelemetry::trace::SpanKind>> for Kind {
    fn from(kind: Option<&opentelemetry::trace::SpanKind>) -> Self {
        use opentelemetry::trace::SpanKind;

        match kind {
            None | Some(SpanKind::Internal) => Self::Internal,
            Some(SpanKind::Server) => Self::Server,
            Some(SpanKind::Client) => Self::Client,
            Some(SpanKind::Producer) => Self::Producer,
            Some(SpanKind::Consumer) => Self::Consumer,
        }
    }
}

pub(crate) fn status(span: &OpenSpan<'_>) -> Status {
    match span.notes() & STATUS_BITS {
        0 => Status::Unset,
        1 => Status::Error,
        _ => Status::Ok,
    }
}

pub(crate) fn set_status(span: &mut OpenSpan<'_>, status: Status) {
    span.set_notes(span.notes() & !STATUS_BITS | status as u8);
}

/// Returns the kind that the span was started with; `None` if packdog's API started it.
pub(crate) fn kind(span: &OpenSpan<'_>) -> Option<Kind> {
    let number = usize::from(span.notes() >> KIND_SHIFT);
    KINDS.get(number.checked_sub(1)?).copied()
}

pub(crate) fn set_kind(span: &mut OpenSpan<'_>, kind: Kind) {
    let number = kind as u8 + 1;
    span.set_notes(span.notes() & STATUS_BITS | number << KIND_SHIFT);
}
