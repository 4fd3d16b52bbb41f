//! The service: opens the span, and calls the inner service inside it.

use std::{
    fmt::Display,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body::Body;
use tower_http::classify::ClassifyResponse;
use tower_service::Service;

use crate::{ErrorStatuses, ResponseBody, ResponseFuture, config::Config, open};

/// Traces each request of the service inside; made by
/// [`ServerTraceLayer`](crate::ServerTraceLayer).
///
/// The response of the service stays as it is: status, headers, body and errors.
#[derive(Clone, Debug)]
pub struct ServerTrace<S, C = ErrorStatuses> {
    inner: S,
    config: Arc<Config>,
    classifier: Option<C>,
}

impl<S, C> ServerTrace<S, C> {
    pub(crate) fn new(inner: S, config: Arc<Config>, classifier: Option<C>) -> Self {
        Self { inner, config, classifier }
    }
}

impl<S, C, ReqBody, ResBody> Service<Request<ReqBody>> for ServerTrace<S, C>
where
    C: ClassifyResponse + Clone,
    C::FailureClass: Display,
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: Display + 'static,
    ResBody: Body,
    ResBody::Error: Display + 'static,
{
    type Response = Response<ResponseBody<ResBody, C>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, C>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> ResponseFuture<S::Future, C> {
        let exchange = open::exchange(&self.config, self.classifier.clone(), &mut request);
        // A request is large, and moved once: not into a closure.
        let mut request = Some(request);
        ResponseFuture::of_call(exchange, || request.take().map(|request| self.inner.call(request)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_can_be_sent_and_shared() {
        fn assert_send_and_sync<T: Send + Sync>() {}
        assert_send_and_sync::<ServerTrace<()>>();
        assert_send_and_sync::<ResponseFuture<()>>();
        assert_send_and_sync::<ResponseBody<()>>();
    }
}
