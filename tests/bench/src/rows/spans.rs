//! The cost of recording: a span, a trace of ten, both by OpenTelemetry's API as well, a dropped one,
//! the active one, nothing.

#[cfg(feature = "peers")]
use crate::peers::{datadog, fast, otel};
use crate::{
    ours,
    row::{Goal, OWN_API, Row},
    work::{CHILDREN, ROOTS, TRACES},
};

pub(super) fn rows() -> Vec<Row> {
    let root =
        Row::new("root", "root span, 7 tags", Goal { calling: Some(2400.0), ..Goal::all(5000.0) })
            .ours(|agent| ours::trace(agent, 0), Some(ROOTS));
    let trace = Row::new("trace", "trace of 10 spans", Goal::all(27_000.0))
        .ours(|agent| ours::trace(agent, CHILDREN), Some(TRACES));
    let dropped =
        Row::new("dropped", "root span below a parent that says \"drop\"", Goal::all(6000.0))
            .ours(ours::dropped, None);
    let dropped_with_stats = Row::new(
        "dropped-stats",
        "the same, counted in statistics and not sent",
        Goal::all(6000.0),
    )
    .ours(ours::dropped_with_stats, None);
    let active = Row::new("active", "read the ids of the active span", Goal::calling(36.0))
        .ours(ours::active, None);
    let disabled = Row::new(
        "disabled",
        "span with 7 tags, nothing installed or disabled",
        Goal::calling(150.0),
    )
    .ours(ours::disabled, None);
    let api_root =
        Row::new("api-root", "root span, 7 tags, by OpenTelemetry's API", Goal::times_own(1.5))
            .sending_peer(OWN_API, |agent| ours::same_trace(agent, 0), ROOTS, "")
            .ours(|agent| ours::api_trace(agent, 0), Some(ROOTS));
    let api_trace =
        Row::new("api-trace", "trace of 10 spans, by OpenTelemetry's API", Goal::times_own(1.5))
            .sending_peer(OWN_API, |agent| ours::same_trace(agent, CHILDREN), TRACES, "")
            .ours(|agent| ours::api_trace(agent, CHILDREN), Some(TRACES));
    #[cfg(feature = "peers")]
    let (api_root, api_trace) = (
        api_root.sending_peer(datadog::NAME, |agent| datadog::trace(agent, 0), ROOTS, ""),
        api_trace.sending_peer(datadog::NAME, |agent| datadog::trace(agent, CHILDREN), TRACES, ""),
    );
    #[cfg(feature = "peers")]
    let (root, trace, dropped, active, disabled) = (
        root.sending_peer(datadog::NAME, |agent| datadog::trace(agent, 0), ROOTS, "")
            .peer(otel::NAME, |_| otel::trace(0), otel::SPAN)
            .peer(fast::NAME, |_| fast::trace(0), fast::SPAN),
        trace
            .sending_peer(datadog::NAME, |agent| datadog::trace(agent, CHILDREN), TRACES, "")
            .peer(otel::NAME, |_| otel::trace(CHILDREN), otel::SPAN)
            .peer(fast::NAME, |_| fast::trace(CHILDREN), fast::SPAN),
        dropped
            .peer(datadog::NAME, datadog::dropped, "")
            .peer(otel::NAME, |_| otel::dropped(), "recording it; statistics")
            .peer(fast::NAME, |_| fast::dropped(), "recording it; statistics"),
        active
            .peer(datadog::NAME, datadog::active, "")
            .peer(otel::NAME, |_| otel::active(), "")
            .peer(fast::NAME, |_| fast::active(), ""),
        disabled.peer(datadog::NAME, |_| datadog::disabled(), "").peer(
            fast::NAME,
            |_| fast::disabled(),
            "",
        ),
    );
    vec![root, trace, api_root, api_trace, dropped, dropped_with_stats, active, disabled]
}
