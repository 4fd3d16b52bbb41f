//! The server's side of an exchange: a classifier, counts of bytes, and errors that a response
//! carries.

use std::{any::Any, error::Error, fmt::Display, io, sync::Arc};

use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::Body;
use packdog::{Span, http::HttpConfig};
use packdog_http::{
    Exchange, Failure, ResponseHead, Side, Verdict, record_error, request::resource_without_route,
};
use tower_http::classify::{ClassifiedResponse, ClassifyEos, ClassifyResponse};

use crate::{ResponseError, config::Config, measure::BodyMeasure, route::RouteCell};

/// An exchange that is served here.
pub(crate) type ServerExchange<C> = Exchange<ServerSide<C>>;

/// The server's side of one exchange.
pub(crate) struct ServerSide<C> {
    pub(crate) config: Arc<Config>,
    /// `None` takes the statuses that the tracer is configured with.
    pub(crate) classifier: Option<C>,
    pub(crate) measure: Option<Box<BodyMeasure>>,
    pub(crate) route: RouteCell,
    /// The error that came with the response.
    pub(crate) handed: Option<Box<ResponseError>>,
}

impl<C> Side for ServerSide<C>
where
    C: ClassifyResponse,
    C::FailureClass: Display,
{
    type AtEnd = C::ClassifyEos;

    const STATUS_OF_ERROR: Option<StatusCode> = Some(StatusCode::INTERNAL_SERVER_ERROR);

    fn judge_end(at_end: Self::AtEnd, trailers: Option<&HeaderMap>) -> Result<(), Failure> {
        at_end.classify_eos(trailers).map_err(|class| Failure::at_end(&class))
    }

    fn on_data(&mut self, bytes: usize) {
        if let Some(measure) = &mut self.measure {
            measure.pass(u64::try_from(bytes).unwrap_or(u64::MAX));
        }
    }

    fn on_failure(&self, span: &Span, http: &HttpConfig) {
        let Some(handed) = &self.handed else { return };
        record_error(span, handed.error(), handed.name(), http);
    }

    fn on_close(&self, span: &Span) {
        if let Some(measure) = &self.measure {
            measure.tag(span);
        }
    }

    fn known_error<'e>(error: &'e (dyn Any + 'static)) -> Option<&'e (dyn Error + 'static)> {
        #[cfg(feature = "axum")]
        if let Some(error) = error.downcast_ref::<axum::Error>() {
            return Some(error);
        }
        error.downcast_ref::<io::Error>().map(|error| error as &dyn Error)
    }
}

/// Records the head of the response.
pub(crate) fn on_response<B, C>(exchange: &mut ServerExchange<C>, response: &mut Response<B>)
where
    B: Body,
    C: ClassifyResponse,
    C::FailureClass: Display,
{
    let side = exchange.side();
    if let Some(name) = &side.config.trace_id_header
        && !response.headers().contains_key(name)
        && let Some(id) = trace_id(exchange.span())
    {
        // A full map is left unchanged; `insert` would panic.
        let _ = response.headers_mut().try_insert(name, id);
    }
    if response.status() == StatusCode::NOT_FOUND && !exchange.is_grpc() && !side.route.is_known() {
        let resource = resource_without_route(exchange.method(), Some(StatusCode::NOT_FOUND));
        exchange.span().set_derived_resource(resource);
    }
    exchange.side_mut().handed = response.extensions().get().cloned().map(Box::new);
    if let Some(hook) = exchange.side().config.on_response.clone() {
        exchange.call_hook(|span| hook.call(span, &ResponseHead::of(response)));
    }
    exchange.on_response(response, |side, http| side.judge(response, http));
}

fn trace_id(span: &Span) -> Option<HeaderValue> {
    let id = span.trace_id().filter(|_| span.is_recording())?;
    HeaderValue::try_from(id.to_string()).ok()
}

impl<C> ServerSide<C>
where
    C: ClassifyResponse,
    C::FailureClass: Display,
{
    fn judge<B>(&mut self, response: &Response<B>, http: &HttpConfig) -> Verdict<C::ClassifyEos> {
        let status = response.status();
        let Some(classifier) = self.classifier.take() else {
            return Verdict::of(status, &http.server_error_statuses);
        };
        match classifier.classify_response(response) {
            ClassifiedResponse::Ready(Ok(())) => Verdict::Success,
            ClassifiedResponse::Ready(Err(class)) => {
                Verdict::Failure(Failure::of_status(status, &class))
            }
            ClassifiedResponse::RequiresEos(classifier) => Verdict::AtEnd(classifier),
        }
    }
}
