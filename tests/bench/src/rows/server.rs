//! The cost that the server layer adds to a request of an axum router.

#[cfg(feature = "peers")]
use crate::peers::{datadog, fast, otel};
use crate::{
    ours, request,
    row::{Goal, Row},
    serve,
    work::REQUESTS,
};

const EMPTY_LAYER: (&str, &str) = ("empty", "a layer that only wraps the body");

pub(super) fn rows() -> Vec<Row> {
    let traced = Row::new(
        "server",
        "server layer over the bare router, 8 trace headers",
        Goal::all(12_000.0).with_allocations(6.0),
    )
    .bare(|_| serve::step(serve::router(), request::headers(), ()))
    .peer(
        EMPTY_LAYER,
        |_| serve::step(serve::behind_an_empty_layer(), request::headers(), ()),
        "all",
    )
    .ours(|agent| ours::server(agent, request::headers()), Some(REQUESTS));
    let untraced = Row::new("server-none", "server layer, no trace headers", Goal::all(9000.0))
        .bare(|_| serve::step(serve::router(), request::untraced(), ()))
        .peer(
            EMPTY_LAYER,
            |_| serve::step(serve::behind_an_empty_layer(), request::untraced(), ()),
            "all",
        )
        .ours(|agent| ours::server(agent, request::untraced()), Some(REQUESTS));
    #[cfg(feature = "peers")]
    let (traced, untraced) = (
        traced
            .peer(
                datadog::AXUM,
                |agent| datadog::server(agent, request::headers()),
                datadog::SERVER,
            )
            .peer(otel::AXUM, |_| otel::server(request::headers()), otel::SERVER)
            .peer(fast::AXUM, |_| fast::server(request::headers()), fast::SERVER),
        untraced
            .peer(
                datadog::AXUM,
                |agent| datadog::server(agent, request::untraced()),
                datadog::SERVER,
            )
            .peer(otel::AXUM, |_| otel::server(request::untraced()), otel::SERVER)
            .peer(fast::AXUM, |_| fast::server(request::untraced()), fast::SERVER),
    );
    vec![traced, untraced]
}
