//! Generated lists of header styles.

use packdog::propagation::{Style, Styles};
use proptest::prelude::*;

pub(super) const ALL: [Style; 5] =
    [Style::Datadog, Style::TraceContext, Style::B3Multi, Style::B3, Style::Baggage];
pub(super) const TRACE_STYLES: [Style; 4] =
    [Style::Datadog, Style::TraceContext, Style::B3Multi, Style::B3];

/// Some styles in some order, on both sides.
pub(super) fn styles() -> impl Strategy<Value = Styles> {
    proptest::sample::subsequence(ALL.to_vec(), 1..=5).prop_shuffle().prop_map(Styles::from_iter)
}

/// Each style alone, and lists that begin with the richest style: behind a poorer one, the next
/// service does not look at what the richer one carries.
pub(super) fn lossless_styles() -> impl Strategy<Value = Styles> {
    use Style::{B3, B3Multi, Baggage, Datadog, TraceContext};
    proptest::sample::select(vec![
        vec![Datadog],
        vec![TraceContext],
        vec![B3Multi],
        vec![B3],
        vec![Baggage],
        vec![Datadog, TraceContext, Baggage],
        vec![Datadog, TraceContext, B3Multi, B3, Baggage],
        vec![Datadog, Baggage, B3, TraceContext],
    ])
    .prop_map(Styles::from_iter)
}
