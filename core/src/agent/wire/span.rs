//! One span as it goes on the wire, the same for all formats, and where such spans come from.

use packdog_api::{
    SpanEvent, SpanLink,
    implementation::{Chunk, FinishedSpan},
};

use super::{
    format::Format,
    inlined::Inlined,
    tags::{Added, ChunkTags, Origin, SpanTags},
};

/// A span, borrowed while it is encoded.
#[derive(Debug)]
pub(super) struct WireSpan<'a> {
    pub(super) service: &'a str,
    pub(super) name: &'a str,
    pub(super) resource: &'a str,
    pub(super) span_type: &'a str,
    /// The low half.
    pub(super) trace_id: u64,
    pub(super) span_id: u64,
    /// Zero for none.
    pub(super) parent_id: u64,
    pub(super) start: i64,
    pub(super) duration: i64,
    pub(super) is_error: bool,
    pub(super) tags: SpanTags<'a>,
    /// Those of the field; in some formats they are among the tags.
    pub(super) links: &'a [SpanLink],
    /// Like the links.
    pub(super) events: &'a [SpanEvent],
}

/// The spans of one chunk.
pub(super) trait Spans {
    fn count(&self) -> usize;

    /// Shows each span, in order, as this format wants it; ends with the first error.
    fn for_each<E>(
        &self,
        format: Format,
        show: impl FnMut(&WireSpan<'_>) -> Result<(), E>,
    ) -> Result<(), E>;
}

/// The spans of a chunk of a tracer, which are locked one after the other.
#[derive(Debug)]
pub(super) struct ChunkSpans<'a> {
    chunk: &'a Chunk,
    tags: ChunkTags<'a>,
}

impl<'a> ChunkSpans<'a> {
    pub(super) fn of(chunk: &'a Chunk, origin: &'a Origin) -> Self {
        Self { chunk, tags: ChunkTags::of(chunk, origin) }
    }
}

impl Spans for ChunkSpans<'_> {
    fn count(&self) -> usize {
        self.chunk.len()
    }

    fn for_each<E>(
        &self,
        format: Format,
        mut show: impl FnMut(&WireSpan<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let trace_id = self.chunk.trace_id().low();
        for (index, span) in self.chunk.spans().enumerate() {
            let inlined = Inlined::of(span.links(), span.events(), format);
            let added = Added::to(&span, index == 0, &self.tags, &inlined);
            show(&wire_span(&span, trace_id, added.all(), format))?;
        }
        Ok(())
    }
}

fn wire_span<'a>(
    span: &'a FinishedSpan<'a>,
    trace_id: u64,
    tags: SpanTags<'a>,
    format: Format,
) -> WireSpan<'a> {
    WireSpan {
        service: span.service(),
        name: span.name(),
        resource: span.resource(),
        span_type: span.span_type(),
        trace_id,
        span_id: span.span_id().to_u64(),
        parent_id: span.parent_id().map_or(0, |id| id.to_u64()),
        start: span.start(),
        duration: span.duration(),
        is_error: span.is_error(),
        tags,
        links: if format.has_links() { span.links() } else { &[] },
        events: if format.has_events() { span.events() } else { &[] },
    }
}
