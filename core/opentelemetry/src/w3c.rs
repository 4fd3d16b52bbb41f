//! Span contexts of OpenTelemetry: ids, flags and trace state.
//!
//! | part | value |
//! |---|---|
//! | sampled | the priority is positive, or there is no decision yet: none is made here |
//! | random | as received |
//! | trace state | the whole list, as injection would write it, if the trace continues a received one or is decided; else empty |

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use packdog::propagation;
use packdog_api::SamplingPriority;

/// The flag of a trace id that is known to be random.
const RANDOM: TraceFlags = TraceFlags::new(2);

/// Returns the context of a span; `NONE` if it has no ids.
pub(crate) fn context_of(span: &packdog_api::Span) -> SpanContext {
    match span.new_ids() {
        // Nearly all roots.
        Some((trace_id, span_id)) => {
            let (trace_id, span_id) = theirs(trace_id, span_id);
            SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, TraceState::NONE)
        }
        None => full_context_of(span),
    }
}

fn full_context_of(span: &packdog_api::Span) -> SpanContext {
    let context = span.context();
    let Some((trace_id, span_id)) = context.trace_id().zip(context.span_id()) else {
        return SpanContext::NONE;
    };
    let priority = context.sampling_priority();
    let mut flags =
        TraceFlags::default().with_sampled(priority.is_none_or(SamplingPriority::is_kept));
    if context.has_random_trace_id() {
        flags = flags | RANDOM;
    }
    let has_state = priority.is_some() || span.is_continued();
    let state = if has_state { trace_state(&context) } else { TraceState::NONE };
    let (trace_id, span_id) = theirs(trace_id, span_id);
    SpanContext::new(trace_id, span_id, flags, !span.is_recording(), state)
}

/// Returns packdog's ids as those of OpenTelemetry.
fn theirs(trace_id: packdog_api::TraceId, span_id: packdog_api::SpanId) -> (TraceId, SpanId) {
    (TraceId::from(trace_id.to_u128()), SpanId::from(span_id.to_u64()))
}

fn trace_state(context: &packdog_api::SpanContext) -> TraceState {
    let list = propagation::to_tracestate(context);
    list.parse().unwrap_or_else(|_| {
        // The API's grammar is narrower; the members that it takes stay.
        let pairs = list.split(',').filter_map(|member| member.split_once('='));
        let pairs = pairs.filter(|pair| TraceState::from_key_value([*pair]).is_ok());
        TraceState::from_key_value(pairs).unwrap_or_default()
    })
}

/// Returns packdog's ids of a valid context.
pub(crate) fn ids(context: &SpanContext) -> Option<(packdog_api::TraceId, packdog_api::SpanId)> {
    let trace_id = u128::from_be_bytes(context.trace_id().to_bytes());
    let span_id = u64::from_be_bytes(context.span_id().to_bytes());
    packdog_api::TraceId::new(trace_id).zip(packdog_api::SpanId::new(span_id))
}

/// Returns the context of a span that is known by its span context alone: a remote one.
pub(crate) fn remote(context: &SpanContext) -> packdog_api::SpanContext {
    match ids(context) {
        Some((trace_id, span_id)) => {
            let state = context.trace_state().header();
            propagation::from_trace_context(
                trace_id,
                span_id,
                context.trace_flags().to_u8(),
                &state,
            )
        }
        None => packdog_api::SpanContext::new(),
    }
}
