//! Combines several styles in one request: the first one with a trace wins, the others add to it.
//!
//! - Another trace becomes a span link.
//! - The same trace by `tracecontext` adds other vendors' `tracestate`, and its parent id is used:
//!   a service of another vendor may be between us and the last Datadog span.
//! - The same trace by any other style adds nothing.

use std::borrow::Cow;

use packdog_api::{SamplingPriority, SpanId, SpanLink, TraceId, implementation::ReceivedContext};

use super::{Style, digits::Hex, incoming::Incoming, tracestate::Tracestate};

/// The reason of a link: another style has a different trace.
const TERMINATED_CONTEXT: &str = "terminated_context";
/// The reason of a link: the trace was deliberately not continued.
const BEHAVIOR_RESTART: &str = "propagation_behavior_extract";

/// Continues the first trace, with the additions of the others.
///
/// `datadog` reads the style `datadog` once more; it is called only when a last parent is missing.
#[inline]
pub(super) fn continued<'a>(
    primary: Incoming<'a>,
    others: impl Iterator<Item = Incoming<'a>>,
    datadog: impl Fn() -> Option<Incoming<'a>>,
) -> ReceivedContext<'a> {
    let (style, trace_id, parent_id) = (primary.style, primary.trace_id, primary.parent_id);
    let mut received = primary.into_received();
    for other in others {
        if other.trace_id != trace_id {
            if let Some(parent_id) = other.parent_id {
                let ids = (other.trace_id, parent_id);
                let (priority, tracestate) = (other.priority(), other.tracestate());
                let link = link(ids, priority, other.style, &tracestate, TERMINATED_CONTEXT);
                received.links.push(link);
            }
        } else if other.style == Style::TraceContext {
            let datadog_parent = || match style {
                Style::Datadog => parent_id,
                _ => datadog().filter(|it| it.trace_id == trace_id).and_then(|it| it.parent_id),
            };
            add_tracecontext(&mut received, &other, datadog_parent);
        }
    }
    received
}

/// Adds the data of `tracecontext` about the same trace.
fn add_tracecontext<'a>(
    received: &mut ReceivedContext<'a>,
    other: &Incoming<'a>,
    datadog_parent: impl FnOnce() -> Option<SpanId>,
) {
    received.has_random_trace_id = other.is_random();
    let tracestate = other.tracestate();
    if let Some(vendors) = tracestate.vendors() {
        received.tracestate = vendors;
    }
    if other.parent_id != received.span_id {
        received.span_id = other.parent_id;
        let hex = |id: SpanId| Cow::Owned(Hex::of(id.to_u64()).as_str().to_owned());
        let last = tracestate.ours().last_parent_id.map(Cow::Borrowed);
        received.last_parent_id =
            last.or_else(|| datadog_parent().map(hex)).or(received.last_parent_id.take());
    }
}

/// Returns a context with only a link to the last span of the trace that would be continued. Style
/// and `tracestate` are those of the primary.
pub(super) fn restarted(
    style: Style,
    tracestate: &Tracestate<'_>,
    received: &ReceivedContext<'_>,
) -> ReceivedContext<'static> {
    let ids = received.trace_id.zip(received.span_id);
    let priority = received.sampling_priority;
    let link = ids.map(|ids| link(ids, priority, style, tracestate, BEHAVIOR_RESTART));
    ReceivedContext { links: link.into_iter().collect(), ..ReceivedContext::default() }
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
