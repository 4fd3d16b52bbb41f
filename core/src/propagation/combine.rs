//! Several styles in one request: the first one that names a trace wins, the others add to it.
//!
//! - Another trace becomes a span link.
//! - The same trace by `tracecontext` adds other vendors' `tracestate`, and its parent id is the
//!   nearer one: a service of another vendor may stand between us and the last Datadog span.
//! - The same trace by any other style adds nothing.

use packdog_api::{SamplingPriority, SpanContext, SpanId, SpanLink, TraceId};

use super::{Style, digits::Hex, incoming::Incoming, tracestate::Tracestate};

/// Why a link exists: another style named this trace.
const TERMINATED_CONTEXT: &str = "terminated_context";
/// Why a link exists: the trace was not continued on purpose.
const BEHAVIOR_RESTART: &str = "propagation_behavior_extract";

/// Continues the first trace, with what the others add.
///
/// `datadog` reads the style `datadog` once more; it is asked only when a last parent is missing.
pub(super) fn continued<'a>(
    primary: Incoming<'a>,
    others: impl Iterator<Item = Incoming<'a>>,
    datadog: impl Fn() -> Option<Incoming<'a>>,
) -> SpanContext {
    let (style, trace_id, parent_id) = (primary.style, primary.trace_id, primary.parent_id);
    let mut context = primary.into_context();
    for other in others {
        if other.trace_id != trace_id {
            if let Some(parent_id) = other.parent_id {
                let ids = (other.trace_id, parent_id);
                let (priority, tracestate) = (other.priority, &other.tracestate);
                let link = link(ids, priority, other.style, tracestate, TERMINATED_CONTEXT);
                context = context.with_link(link);
            }
        } else if other.style == Style::TraceContext {
            let datadog_parent = || match style {
                Style::Datadog => parent_id,
                _ => datadog().filter(|it| it.trace_id == trace_id).and_then(|it| it.parent_id),
            };
            context = with_tracecontext(context, &other, datadog_parent);
        }
    }
    context
}

/// Adds what `tracecontext` says about the same trace.
fn with_tracecontext(
    mut context: SpanContext,
    other: &Incoming<'_>,
    datadog_parent: impl FnOnce() -> Option<SpanId>,
) -> SpanContext {
    context = context.with_random_trace_id(other.is_random);
    if let Some(vendors) = other.tracestate.vendors() {
        context = context.with_tracestate(&vendors);
    }
    if other.parent_id == context.span_id() {
        return context;
    }
    context = context.with_trace(other.trace_id, other.parent_id);
    if let Some(id) = other.tracestate.last_parent_id() {
        return context.with_last_parent_id(id);
    }
    let Some(id) = datadog_parent() else { return context };
    context.with_last_parent_id(Hex::of(id.to_u64()).as_str())
}

/// Nothing of the trace that would be continued, but a link to its last span. Style and
/// `tracestate` are those of the primary.
pub(super) fn restarted(
    style: Style,
    tracestate: &Tracestate<'_>,
    context: &SpanContext,
) -> SpanContext {
    match context.trace_id().zip(context.span_id()) {
        Some(ids) => {
            let priority = context.sampling_priority();
            SpanContext::new().with_link(link(ids, priority, style, tracestate, BEHAVIOR_RESTART))
        }
        None => SpanContext::new(),
    }
}

fn link(
    (trace_id, span_id): (TraceId, SpanId),
    priority: Option<SamplingPriority>,
    style: Style,
    tracestate: &Tracestate<'_>,
    reason: &str,
) -> SpanLink {
    let link = SpanLink::new(trace_id, span_id)
        .with_sampled(priority.is_some_and(SamplingPriority::is_kept))
        .with_attribute("reason", reason)
        .with_attribute("context_headers", style.name());
    // Empty for every style but `tracecontext`.
    match tracestate.normalized() {
        Some(tracestate) => link.with_tracestate(&tracestate),
        None => link,
    }
}
