//! The cost that client layers add to a call.

use axum::body::Body;

#[cfg(feature = "peers")]
use crate::peers::{fast, otel};
use crate::{
    call, ours,
    row::{Goal, Row},
};

pub(super) fn rows() -> Vec<Row> {
    let tower =
        Row::new("tower-client", "tower client over bare, 8 headers out", Goal::all(14_000.0))
            .bare(|_| call::tower_step(call::service::<Body>(0), ()))
            .ours(ours::tower_client, Some(ours::CLIENT_SENDS));
    let reqwest = Row::new("reqwest", "reqwest client likewise", Goal::all(16_000.0))
        .bare(|_| call::reqwest_step(call::client(|client| client, 0), ()))
        .ours(ours::reqwest_client, Some(ours::CLIENT_SENDS));
    #[cfg(feature = "peers")]
    let (tower, reqwest) = (
        tower.peer(fast::NAME, |_| fast::tower_client(), fast::CLIENT),
        reqwest.peer(otel::REQWEST, |_| otel::reqwest_client(), otel::CLIENT).peer(
            fast::REQWEST,
            |_| fast::reqwest_client(),
            fast::CLIENT,
        ),
    );
    vec![tower, reqwest]
}
