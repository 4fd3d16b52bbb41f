//! A whole axum router inside the layer, as `axum::serve` takes it.

use std::{
    convert::Infallible,
    fmt::{self, Display},
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{Router, ServiceExt, body::Body, extract::Request, response::Response};
use pin_project_lite::pin_project;
use tower_http::classify::ClassifyResponse;
use tower_service::Service;

use crate::{ErrorStatuses, ResponseFuture, ServerTrace};

/// A traced axum router whose responses have axum's own body.
///
/// Made by [`ServerTrace::into_make_service`], for `axum::serve`.
#[derive(Clone, Debug)]
pub struct TracedRouter<C = ErrorStatuses>(ServerTrace<Router, C>);

impl<C> ServerTrace<Router, C>
where
    C: ClassifyResponse + Clone + Send + 'static,
    C::FailureClass: Display,
    C::ClassifyEos: Send,
{
    /// Makes the traced router one that `axum::serve` takes, as `Router::into_make_service` does.
    ///
    /// ```no_run
    /// use axum::Router;
    /// use packdog_server::ServerTraceLayer;
    /// use tower::Layer;
    ///
    /// # async fn run() -> std::io::Result<()> {
    /// let app = ServerTraceLayer::new().layer(Router::new());
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    /// axum::serve(listener, app.into_make_service()).await
    /// # }
    /// ```
    pub fn into_make_service(self) -> axum::routing::IntoMakeService<TracedRouter<C>> {
        ServiceExt::<Request>::into_make_service(TracedRouter(self))
    }

    /// Like [`into_make_service`](Self::into_make_service), and each request has the address of
    /// its peer.
    #[cfg(feature = "connect-info")]
    pub fn into_make_service_with_connect_info<I>(
        self,
    ) -> axum::extract::connect_info::IntoMakeServiceWithConnectInfo<TracedRouter<C>, I> {
        ServiceExt::<Request>::into_make_service_with_connect_info(TracedRouter(self))
    }
}

impl<C> Service<Request> for TracedRouter<C>
where
    C: ClassifyResponse + Clone + Send + 'static,
    C::FailureClass: Display,
    C::ClassifyEos: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = TracedRouterFuture<C>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.0, cx)
    }

    fn call(&mut self, request: Request) -> TracedRouterFuture<C> {
        TracedRouterFuture { inner: self.0.call(request) }
    }
}

pin_project! {
    /// The future of a [`TracedRouter`].
    #[must_use = "futures do nothing unless polled"]
    pub struct TracedRouterFuture<C = ErrorStatuses>
    where
        C: ClassifyResponse,
        C::FailureClass: Display,
    {
        #[pin]
        inner: ResponseFuture<<Router as Service<Request>>::Future, C>,
    }
}

/// Without the router's future, which is not `Debug`.
impl<C> fmt::Debug for TracedRouterFuture<C>
where
    C: ClassifyResponse,
    C::FailureClass: Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracedRouterFuture").finish_non_exhaustive()
    }
}

impl<C> Future for TracedRouterFuture<C>
where
    C: ClassifyResponse + Send + 'static,
    C::FailureClass: Display,
    C::ClassifyEos: Send,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(self.project().inner.poll(cx));
        Poll::Ready(response.map(|response| response.map(Body::new)))
    }
}
