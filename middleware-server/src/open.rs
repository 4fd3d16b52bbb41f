//! The beginning of an exchange: the span of a request, or of one that is ignored.

use std::sync::Arc;

use http::Request;
use packdog::{OwnedSpan, Span, Tracer, http::HttpConfig, span::SpanContext};
use packdog_http::{
    grpc,
    request::{IncomingRequest, known_method},
};
use tower_http::classify::ClassifyResponse;

use crate::{
    RequestHead,
    config::{Config, RequestHook},
    forgotten,
    measure::BodyMeasure,
    request,
    route::{self, RequestSpan, RouteCell},
    side::{ServerExchange, ServerSide},
};

/// Opens the span of a request, and leaves a handle to it in the request's extensions.
///
/// `None` if nothing is traced, or if an outer layer traces this request already.
pub(crate) fn exchange<C, B>(
    config: &Arc<Config>,
    classifier: Option<C>,
    request: &mut Request<B>,
) -> Option<ServerExchange<C>>
where
    C: ClassifyResponse,
    C::FailureClass: std::fmt::Display,
{
    if route::is_traced(request.extensions()) {
        route::tell_layer(request.extensions());
        return None;
    }
    let tracer = config.tracer();
    if !tracer.is_enabled() {
        forgotten::warn_once(config);
        if config.tracer.is_some() {
            route::mark_passed(request.extensions_mut());
        }
        return None;
    }
    let http = config.http(&tracer);
    let head = RequestHead::of(request);
    let mut context = tracer.extract(head.headers());
    config.ingress.admit(&head, &mut context, &tracer);
    let is_grpc = grpc::is_call(head.headers());
    // The method of a gRPC call is more precise than the route of its service.
    let route = head.route().filter(|_| !is_grpc);
    let span = if config.ignored.contains(&head) {
        ignored(&tracer, context)
    } else {
        let incoming = IncomingRequest {
            method: head.method(),
            uri: head.uri(),
            version: head.version(),
            headers: head.headers(),
            scheme: head.extensions().get(),
            peer: if http.client_ip_enabled { head.peer() } else { None },
            component: request::component(head.extensions(), is_grpc, route.is_some()),
            route,
            is_grpc,
        };
        traced(config, &http, &tracer, context, &incoming)
    };
    let method = known_method(request.method());
    let route = if is_grpc || route.is_some() {
        route::mark_traced(request.extensions_mut());
        RouteCell::Known
    } else {
        let cell = RouteCell::default();
        request.extensions_mut().insert(RequestSpan {
            span: span.handle(),
            method,
            has_endpoint: http.resource_renaming_enabled,
            route: cell.clone(),
        });
        cell
    };
    let side = ServerSide {
        config: Arc::clone(config),
        classifier,
        measure: config.has_body_metrics.then(|| Box::new(BodyMeasure::start())),
        route,
        handed: None,
    };
    let mut exchange = ServerExchange::new(span, http, method, is_grpc, side);
    if let Some(RequestHook(hook)) = &config.on_request {
        exchange.call_hook(|span| hook(span, &RequestHead::of(request)));
    }
    Some(exchange)
}

/// A span that records nothing and forwards the received context, as do the spans below it.
fn ignored(tracer: &Tracer, context: SpanContext) -> OwnedSpan {
    let _scope = tracer.enter();
    Span::ignored(context).child("ignored").start()
}

#[inline] // A context is large, and would be moved once more.
fn traced(
    config: &Config,
    http: &HttpConfig,
    tracer: &Tracer,
    context: SpanContext,
    incoming: &IncomingRequest<'_>,
) -> OwnedSpan {
    let builder = tracer.span(config.operation_name(incoming.operation_name())).child_of(context);
    let builder = incoming.show(builder, http);
    match &config.service {
        Some(service) => builder.service(service.clone()).start(),
        None => builder.start(),
    }
}
