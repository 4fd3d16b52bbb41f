//! The server that all contenders serve: an axum router with one route.

use axum::{Router, body::Body, extract::Path, response::Response, routing::get};
use http::HeaderMap;
use http_body_util::BodyExt;
use tokio::runtime::Builder;
use tower::{Service, util::MapResponseLayer};

use crate::{request, row::Step};

pub(crate) fn router() -> Router {
    async fn user(Path(id): Path<u64>) -> String {
        format!("user {id}")
    }
    Router::new().route("/users/{id}", get(user))
}

/// The router behind a layer that only puts the body of the response into another one: a part of the
/// cost of every such layer is axum's.
pub(crate) fn behind_an_empty_layer() -> Router {
    let wrap = |response: Response| response.map(|body| body.map_err(|error| error));
    router().layer(MapResponseLayer::new(wrap))
}

/// A request and its response to the last byte, without a network.
pub(crate) fn step(app: Router, headers: HeaderMap, until_the_end: impl Sized + 'static) -> Step {
    // As `axum::serve` does; else layers would be put around the handler for each request.
    let mut app: Router = app.with_state(());
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    Box::new(move || {
        let _until_the_end = &until_the_end;
        runtime.block_on(async {
            let request = request::request::<Body>(headers.clone());
            let Ok(response) = app.call(request).await;
            assert_eq!(response.status(), 200);
            response.into_body().collect().await.expect("the body ends");
        });
    })
}
