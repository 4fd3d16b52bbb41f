//! The cost of headers: eight of twenty read, none read, and the same eight written.

#[cfg(feature = "peers")]
use crate::peers::{datadog, fast, otel};
use crate::{
    ours, request,
    row::{Goal, Row},
};

pub(super) fn rows() -> Vec<Row> {
    let extract = Row::new(
        "extract",
        "extract, 8 trace headers of 20",
        Goal::calling(4800.0).with_allocations(1.0),
    )
    .ours(|_| ours::extract(request::headers()), None);
    let extract_none = Row::new("extract-none", "extract, none present", Goal::calling(600.0))
        .ours(|_| ours::extract(request::untraced()), None);
    let inject = Row::new("inject", "inject the same", Goal::calling(7000.0).with_allocations(3.0))
        .ours(ours::inject, None);
    #[cfg(feature = "peers")]
    let (extract, extract_none, inject) = (
        extract
            .peer(datadog::NAME, |agent| datadog::extract(agent, request::headers()), "")
            .peer(otel::NAME, |_| otel::extract(request::headers()), otel::STYLES)
            .peer(fast::NAME, |_| fast::extract(request::headers()), fast::STYLES),
        extract_none
            .peer(datadog::NAME, |agent| datadog::extract(agent, request::untraced()), "")
            .peer(otel::NAME, |_| otel::extract(request::untraced()), otel::STYLES)
            .peer(fast::NAME, |_| fast::extract(request::untraced()), fast::STYLES),
        inject
            .peer(datadog::NAME, datadog::inject, "")
            .peer(otel::NAME, |_| otel::inject(), otel::STYLES)
            .peer(fast::NAME, |_| fast::inject(), fast::STYLES),
    );
    vec![extract, extract_none, inject]
}
