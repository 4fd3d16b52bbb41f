//! Starts a span of packdog from a builder of OpenTelemetry.

use opentelemetry::{InstrumentationScope, trace::SpanBuilder};
use packdog::tags::SPAN_KIND;
use packdog_api::{Baggage, OwnedSpan, TagValue};

use super::{attribute, convert, derive, name::plain_name, status};
use crate::notes::{self, Kind};

/// The library that starts spans, as tags.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    name: Option<TagValue<'static>>,
    version: Option<TagValue<'static>>,
}

impl From<&InstrumentationScope> for Scope {
    fn from(scope: &InstrumentationScope) -> Self {
        let tag = |text: &str| (!text.is_empty()).then(|| TagValue::from(text).into_owned());
        Self { name: tag(scope.name()), version: scope.version().and_then(tag) }
    }
}

/// Starts the span as a child of `parent`, with this baggage if it is not that of the parent.
pub(crate) fn start(
    builder: SpanBuilder,
    scope: &Scope,
    parent: packdog_api::Span,
    baggage: Option<Baggage>,
) -> OwnedSpan {
    let SpanBuilder { span_kind, name, start_time, attributes, events, links, .. } = builder;
    let kind = Kind::from(span_kind.as_ref());
    let mut span = packdog_api::span(plain_name(kind)).child_of(parent);
    if let Some(time) = start_time {
        span = span.start_at(time);
    }
    if let Some(baggage) = baggage {
        span = span.starting_baggage(baggage);
    }
    let events = events.into_iter().flatten();
    let events = events.map(|event| convert::event(event.name, event.timestamp, event.attributes));
    let links = links.into_iter().flatten();
    let links = links.filter_map(|link| convert::link(&link.span_context, link.attributes));
    span.edit_open(|span| {
        notes::set_kind(span, kind);
        attribute::set_resource(span, name);
        span.set_tag(SPAN_KIND, kind.as_str());
        if let Some(name) = &scope.name {
            span.set_tag("otel.scope.name", name.clone());
        }
        if let Some(version) = &scope.version {
            span.set_tag("otel.scope.version", version.clone());
        }
        for attribute in attributes.into_iter().flatten() {
            attribute::put(span, attribute);
        }
        derive(span);
        events.for_each(|event| status::add_event(span, event));
        links.for_each(|link| span.add_link(link));
    })
    .start()
}
