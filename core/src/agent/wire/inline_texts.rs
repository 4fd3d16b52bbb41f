//! Links and events as JSON in tags, for formats that have no field for them.
//!
//! ```text
//! _dd.span_links  [{"trace_id": 32 hex, "span_id": 16 hex, "attributes", "tracestate", "flags"}]
//! events          [{"name", "time_unix_nano", "attributes"}]
//! ```
//! Empty, zero and unknown values are left out.

use packdog_api::{Attribute, SpanEvent, SpanLink};
use serde::{Serialize, Serializer};

use super::{format::Format, link::Attributes};

/// The texts of the tags, where they are needed.
#[derive(Debug, Default)]
pub(super) struct InlineTexts {
    pub(super) links: Option<String>,
    pub(super) events: Option<String>,
}

impl InlineTexts {
    pub(super) const NONE: Self = Self { links: None, events: None };

    pub(super) fn of(links: &[SpanLink], events: &[SpanEvent], format: Format) -> Self {
        let are_links_inlined = !format.has_links() && !links.is_empty();
        let are_events_inlined = !format.has_events() && !events.is_empty();
        Self {
            links: are_links_inlined.then(|| json(links.iter().map(Link::of))).flatten(),
            events: are_events_inlined.then(|| json(events.iter().map(Event::of))).flatten(),
        }
    }
}

/// Finite numbers and texts are always JSON, so there is always a text.
fn json<T: Serialize>(items: impl Iterator<Item = T>) -> Option<String> {
    serde_json::to_string(&items.collect::<Vec<_>>()).ok()
}

#[derive(Serialize)]
struct Link<'a> {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracestate: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<u32>,
}

impl<'a> Link<'a> {
    fn of(link: &'a SpanLink) -> Self {
        Self {
            trace_id: format!("{:016x}{:016x}", link.trace_id().high(), link.trace_id().low()),
            span_id: format!("{:016x}", link.span_id().to_u64()),
            attributes: Attributes(link),
            tracestate: link.tracestate(),
            flags: (link.is_sampled() == Some(true)).then_some(1),
        }
    }
}

#[derive(Serialize)]
struct Event<'a> {
    name: &'a str,
    time_unix_nano: u64,
    #[serde(skip_serializing_if = "Values::is_empty")]
    attributes: Values<'a>,
}

impl<'a> Event<'a> {
    fn of(event: &'a SpanEvent) -> Self {
        let time_unix_nano = u64::try_from(event.unix_nanos()).unwrap_or(0);
        Self { name: event.name(), time_unix_nano, attributes: Values(event) }
    }
}

struct Values<'a>(&'a SpanEvent);

impl Values<'_> {
    fn is_empty(&self) -> bool {
        self.0.attributes().len() == 0
    }
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.attributes().map(|(key, value)| (key, Natural(value))))
    }
}

/// A value as JSON has it.
struct Natural<'a>(&'a Attribute);

impl Serialize for Natural<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Attribute::Text(text) => serializer.serialize_str(text),
            Attribute::Bool(value) => serializer.serialize_bool(*value),
            Attribute::Int(number) => serializer.serialize_i64(*number),
            Attribute::Float(number) => serializer.serialize_f64(*number),
            Attribute::List(values) => serializer.collect_seq(values.iter().map(Natural)),
            _ => serializer.serialize_none(), // There is no other kind.
        }
    }
}
