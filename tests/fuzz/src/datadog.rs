//! The headers of the style `datadog`: they carry all that they can say without loss.

use packdog::propagation::Style;

use crate::hop::{Lines, pass, propagator};

/// Trace id, parent id, sampling priority and origin of `x-datadog-*`, one per line.
pub fn datadog_ids(data: &[u8]) {
    let names = [
        "x-datadog-trace-id",
        "x-datadog-parent-id",
        "x-datadog-sampling-priority",
        "x-datadog-origin",
    ];
    assert_is_kept(&names.into_iter().zip(data.split(|byte| *byte == b'\n')).collect());
}

/// The header `x-datadog-tags` beside ids.
pub fn datadog_tags(data: &[u8]) {
    assert_is_kept(&vec![
        ("x-datadog-trace-id", b"1"),
        ("x-datadog-parent-id", b"2"),
        ("x-datadog-tags", data),
    ]);
}

/// Written headers are read as the same context, except for the error, which is reported once.
fn assert_is_kept(lines: &Lines<'_>) {
    let hops = pass(&propagator([Style::Datadog]), lines);
    let (first, second) = (hops.first, hops.second);
    if first.span_id().is_some() {
        assert_eq!(second.sampling_priority(), first.sampling_priority());
        assert_eq!(second.origin(), first.origin());
        assert!(second.trace_tags().iter().eq(first.trace_tags().iter()));
        assert_eq!(second.propagation_error(), None);
    }
}
