//! Starts a span of packdog from a builder of OpenTelemetry.

use opentelemetry::{
    InstrumentationScope, KeyValue, Value,
    trace::{Event, Link, SpanBuilder},
};
use packdog::tags::SPAN_KIND;
use packdog_api::{Baggage, OwnedSpan, implementation::OpenSpan};

use super::{
    attribute, convert, derive, name::plain_name, span_type::span_type, status, telling::Telling,
};
use crate::notes::{self, Kind};

/// Starts the span as a child of `parent`, with this baggage if it is not that of the parent.
pub(crate) fn start(
    builder: SpanBuilder,
    scope: &InstrumentationScope,
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
    let attributes = attributes.unwrap_or_default();
    span.edit_open(|span| {
        notes::set_kind(span, kind);
        attribute::set_resource(span, name);
        let fixed_first = may_fill(&attributes);
        let mut told = Telling::NONE;
        if fixed_first {
            add_fixed(span, kind, scope, told);
        }
        for attribute in &attributes {
            told = told | attribute::put(span, attribute);
        }
        if !fixed_first {
            add_fixed(span, kind, scope, told);
        }
        if told.matters_for(kind) {
            derive(span, kind, told);
        } else if let Some(span_type) = span_type(kind, None) {
            span.derive_type(span_type);
        }
        if events.is_some() || links.is_some() {
            add_lists(span, events.unwrap_or_default(), links.unwrap_or_default());
        }
    })
    .start()
}

/// Adds events and links, which few spans have.
#[cold]
fn add_lists(span: &mut OpenSpan<'_>, events: Vec<Event>, links: Vec<Link>) {
    for Event { name, timestamp, attributes, .. } in events {
        status::add_event(span, convert::event(name, timestamp, attributes));
    }
    for Link { span_context, attributes, .. } in links {
        if let Some(link) = convert::link(&span_context, attributes) {
            span.add_link(link);
        }
    }
}

/// The most attributes of a span that has room for more tags in any case.
const FEW: usize = packdog_api::MAX_TAGS_PER_SPAN / 2;

/// Whether these attributes may be more tags than a span holds.
fn may_fill(attributes: &[KeyValue]) -> bool {
    let is_array = |attribute: &KeyValue| matches!(attribute.value, Value::Array(_));
    attributes.len() > FEW || attributes.iter().any(is_array)
}

/// Adds the tags that every span has, unless an attribute has set them.
///
/// They are added behind the attributes, if there is room for them in any case: an attribute of the
/// same name would otherwise replace them, which costs more than finding it.
fn add_fixed(span: &mut OpenSpan<'_>, kind: Kind, scope: &InstrumentationScope, told: Telling) {
    if !told.has(Telling::KIND) {
        span.add_text(SPAN_KIND, kind.as_str());
    }
    if !scope.name().is_empty() {
        span.add_text("otel.scope.name", scope.name());
    }
    if let Some(version) = scope.version().filter(|version| !version.is_empty()) {
        span.add_text("otel.scope.version", version);
    }
}
