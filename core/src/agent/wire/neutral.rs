//! Spans from outside of any tracer, encoded as they are: for tests and measurements of the
//! formats, with ids and times that a tracer would choose by itself.

use packdog_api::{SpanEvent, SpanId, SpanLink, TagValue, TraceId};

use super::{
    format::Format,
    inlined::Inlined,
    payload::Payload,
    span::{Spans, WireSpan},
    tags::{SpanTags, Value},
};
use crate::{config::ApiVersion, tags::internal};

/// A span as data; nothing is added to its tags.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are those of the format")]
pub struct NeutralSpan {
    pub service: String,
    pub name: String,
    pub resource: String,
    pub span_type: String,
    pub trace_id: TraceId,
    pub span_id: SpanId,
    pub parent_id: Option<SpanId>,
    pub start: i64,
    pub duration: i64,
    pub is_error: bool,
    pub tags: Vec<(String, TagValue)>,
    pub links: Vec<SpanLink>,
    pub events: Vec<SpanEvent>,
}

/// The body of a request that carries these chunks; `takes_span_events` is what the Agent says.
pub fn encode(
    version: ApiVersion,
    takes_span_events: bool,
    chunks: &[Vec<NeutralSpan>],
) -> Vec<u8> {
    let mut payload = Payload::new();
    payload.begin(Format { version, takes_span_events });
    for chunk in chunks {
        // Without a limit, every chunk fits.
        let _ = payload.push_spans(chunk, usize::MAX);
    }
    payload.finish().to_vec()
}

impl Spans for Vec<NeutralSpan> {
    fn count(&self) -> usize {
        self.len()
    }

    fn for_each<E>(
        &self,
        format: Format,
        mut show: impl FnMut(&WireSpan<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for span in self {
            let inlined = Inlined::of(&span.links, &span.events, format);
            let own = span.tags.iter().filter_map(|(key, value)| Some((&**key, Value::of(value)?)));
            let mut tags = own.collect::<Vec<_>>();
            let links = inlined.links.as_deref().map(|links| (internal::SPAN_LINKS, links));
            let events = inlined.events.as_deref().map(|events| (internal::EVENTS, events));
            tags.extend(
                links.into_iter().chain(events).map(|(key, text)| (key, Value::Text(text))),
            );
            show(&span.on_the_wire(&tags, format))?;
        }
        Ok(())
    }
}

impl NeutralSpan {
    fn on_the_wire<'a>(&'a self, tags: &'a [(&'a str, Value<'a>)], format: Format) -> WireSpan<'a> {
        WireSpan {
            service: &self.service,
            name: &self.name,
            resource: &self.resource,
            span_type: &self.span_type,
            trace_id: self.trace_id.low(),
            span_id: self.span_id.to_u64(),
            parent_id: self.parent_id.map_or(0, SpanId::to_u64),
            start: self.start,
            duration: self.duration,
            is_error: self.is_error,
            tags: SpanTags::only(tags),
            links: if format.has_links() { &self.links } else { &[] },
            events: if format.has_events() { &self.events } else { &[] },
        }
    }
}
