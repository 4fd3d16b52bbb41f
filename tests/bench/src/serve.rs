//! The server that all contenders serve: an axum router with one route.

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{Path, Request},
    response::Response,
    routing::get,
};
use http::HeaderMap;
use http_body_util::BodyExt;
use tokio::runtime::Builder;
use tower::Service;

use crate::{request, row::Step};

pub(crate) fn router() -> Router {
    async fn user(Path(id): Path<u64>) -> String {
        format!("user {id}")
    }
    Router::new().route("/users/{id}", get(user))
}

/// A request and its response to the last byte, without a network.
pub(crate) fn step<S, B>(
    mut app: S,
    headers: HeaderMap,
    until_the_end: impl Sized + 'static,
) -> Step
where
    S: Service<Request, Response = Response<B>, Error: std::fmt::Debug> + 'static,
    B: HttpBody<Error: std::fmt::Debug>,
{
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    Box::new(move || {
        let _until_the_end = &until_the_end;
        runtime.block_on(async {
            let request = request::request::<Body>(headers.clone());
            let response = app.call(request).await.expect("the router responds");
            assert_eq!(response.status(), 200);
            response.into_body().collect().await.expect("the body ends");
        });
    })
}
