//! The style `tracecontext`: `traceparent` with the ids, and `tracestate` with Datadog's additions.

use packdog_api::{SamplingPriority, SpanContext, SpanId, TraceId};

use super::{
    Style, dd_member,
    headers::{Headers, TRACEPARENT, TRACESTATE},
    incoming::{Incoming, StyleFields},
    malformed::{Header, Malformed},
    outgoing::Outgoing,
    traceparent::{self, Traceparent},
    tracestate,
    value_text::ValueText,
};

/// Reads the style; `expected` are the ids that another style has.
pub(super) fn extract<'a>(
    headers: &'a Headers<'_>,
    expected: Option<(TraceId, SpanId)>,
    malformed: &Malformed,
) -> Option<Incoming<'a>> {
    let header = headers.traceparent?;
    let parsed = match expected {
        Some(ids) => traceparent::parse_expected(header, ids),
        None => traceparent::parse(header),
    };
    let Traceparent { trace_id, parent_id, is_sampled, is_random } =
        malformed.count(Header::Traceparent, parsed)?;
    let tracestate = headers.tracestate.as_deref().map(tracestate::parse);
    let tracestate = tracestate
        .and_then(|parsed| malformed.count(Header::Tracestate, parsed))
        .unwrap_or_default();
    if tracestate.is_malformed {
        malformed.add(Header::Tracestate); // Our member stays: it is checked on its own.
    }
    Some(Incoming {
        style: Style::TraceContext,
        trace_id,
        parent_id: Some(parent_id),
        fields: StyleFields::TraceContext { is_sampled, is_random, tracestate },
    })
}

pub(super) fn inject(
    context: &SpanContext,
    (trace_id, parent_id): (TraceId, SpanId),
    headers: &mut Outgoing,
) {
    let is_sampled = context.sampling_priority().is_some_and(SamplingPriority::is_kept);
    headers.push(TRACEPARENT, |text| {
        let is_random = context.has_random_trace_id();
        traceparent::write(text, Traceparent { trace_id, parent_id, is_sampled, is_random });
    });
    headers.push(TRACESTATE, |text| write_tracestate(text, context));
}

fn write_tracestate(text: &mut ValueText, context: &SpanContext) {
    let start = text.len();
    dd_member::write(text, context);
    let vendors = context.tracestate().unwrap_or_default();
    tracestate::write_others(text, start, vendors, context.probability());
}

/// Returns the list with which another service continues `context`, without a header.
pub fn to_tracestate(context: &SpanContext) -> String {
    let mut text = ValueText::new();
    write_tracestate(&mut text, context);
    text.into_string()
}

/// Returns the context of a remote span that is known by the values of its headers: ids, flags and
/// list.
pub fn from_trace_context(
    trace_id: TraceId,
    parent_id: SpanId,
    flags: u8,
    tracestate: &str,
) -> SpanContext {
    let (is_sampled, is_random) = traceparent::flags(flags);
    let tracestate = tracestate::parse(tracestate.as_bytes()).unwrap_or_default();
    let fields = StyleFields::TraceContext { is_sampled, is_random, tracestate };
    let parent_id = Some(parent_id);
    let incoming = Incoming { style: Style::TraceContext, trace_id, parent_id, fields };
    incoming.into_received().into_context()
}
