//! Span links in their own field of `v0.4`; other formats have them as [JSON](super::inlined).

use packdog_api::SpanLink;
use serde::{Serialize, Serializer};

#[derive(Serialize)]
struct Link<'a> {
    trace_id: u64,
    trace_id_high: u64,
    span_id: u64,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracestate: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<u32>,
}

/// Says that the sampling flag of a link is known: without it, zero would mean unknown.
const FLAGS_ARE_KNOWN: u32 = 1 << 31;

/// All links of a span.
pub(super) struct Links<'a>(pub(super) &'a [SpanLink]);

impl Serialize for Links<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|link| Link {
            trace_id: link.trace_id().low(),
            trace_id_high: link.trace_id().high(),
            span_id: link.span_id().to_u64(),
            attributes: Attributes(link),
            tracestate: link.tracestate(),
            flags: link.is_sampled().map(|is_sampled| FLAGS_ARE_KNOWN | u32::from(is_sampled)),
        }))
    }
}

/// The attributes of a link, which are texts in every format.
pub(super) struct Attributes<'a>(pub(super) &'a SpanLink);

impl Attributes<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.attributes().len() == 0
    }
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.attributes())
    }
}
