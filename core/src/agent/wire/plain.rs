//! Bodies made of spans that no tracer recorded: for tests and measurements of the formats, with
//! ids and times that a tracer would choose by itself.

use packdog_api::TagValue;

pub use super::span::WireSpan;
use super::{
    format::Format,
    inline_texts::InlineTexts,
    payload::Payload,
    span::{TagSink, Tags},
};
use crate::{config::ApiVersion, tags::internal};

/// Tags to which nothing is added.
#[derive(Clone, Copy, Debug)]
pub struct PlainTags<'a>(pub &'a [(String, TagValue<'static>)]);

/// Encodes the body of a request that carries these chunks; `takes_span_events` is whether the
/// Agent supports them.
pub fn encode(
    version: ApiVersion,
    takes_span_events: bool,
    chunks: &[Vec<WireSpan<'_, PlainTags<'_>>>],
) -> Vec<u8> {
    let mut payload = Payload::new();
    payload.begin(Format { version, takes_span_events });
    for chunk in chunks {
        // Without a limit, every chunk fits.
        let _ = payload.push_spans(chunk.len(), usize::MAX, |payload, index| {
            chunk.get(index).map_or(Ok(()), |span| payload.encode(span, usize::MAX))
        });
    }
    payload.finish().to_vec()
}

impl Tags for PlainTags<'_> {
    fn show(&self, inlined: &InlineTexts, sink: &mut impl TagSink) {
        for (key, value) in self.0 {
            match (value.as_str(), value.as_f64()) {
                (Some(text), _) => sink.text(key, text),
                (None, Some(number)) => sink.number(key, number),
                (None, None) => {}
            }
        }
        let inlined = [(internal::SPAN_LINKS, &inlined.links), (internal::EVENTS, &inlined.events)];
        for (key, text) in inlined {
            if let Some(text) = text {
                sink.text(key, text);
            }
        }
    }
}
