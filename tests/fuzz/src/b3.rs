//! The headers of B3, single and multi: ids and the decision survive, nothing else travels.

use packdog::{propagation::Style, sampling::SamplingPriority, span::SpanContext};

use crate::hop::{pass, propagator};

/// The header `b3`.
pub fn b3(data: &[u8]) {
    let hops = pass(&propagator([Style::B3]), &vec![("b3", data)]);
    assert_decision_travels(&hops.first, &hops.second);
}

/// Trace id, span id, sampled and flags of `x-b3-*`, one per line.
pub fn b3multi(data: &[u8]) {
    let names = ["x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags"];
    let lines = names.into_iter().zip(data.split(|byte| *byte == b'\n')).collect();
    let hops = pass(&propagator([Style::B3Multi]), &lines);
    assert_decision_travels(&hops.first, &hops.second);
}

/// B3 has only the decisions drop, keep and debug.
fn assert_decision_travels(first: &SpanContext, second: &SpanContext) {
    let priority = first.sampling_priority().filter(|_| first.span_id().is_some());
    assert_eq!(second.sampling_priority(), priority);
    assert!(priority.is_none_or(|priority| {
        [SamplingPriority::AUTO_DROP, SamplingPriority::AUTO_KEEP, SamplingPriority::USER_KEEP]
            .contains(&priority)
    }));
}
