//! The layer: its options, and the service that it makes.

use std::{borrow::Cow, sync::Arc};

use http::{HeaderName, Method};
use packdog::{Span, Tracer, http::HttpConfig};
use packdog_http::{ResponseHead, ResponseHook};
use tower_http::classify::ClassifyResponse;
use tower_layer::Layer;

use crate::{
    ErrorStatuses, Ingress, RequestHead, ServerTrace,
    config::{Config, RequestHook},
    ignore::Rule,
};

/// A layer that traces each request of the services that it wraps; it makes [`ServerTrace`].
///
/// # Position of the layer
/// Outermost, except for layers that catch panics, so that the span covers the work of other layers,
/// and sees their responses. In axum, the layer added *last* is outermost; in a `ServiceBuilder`,
/// the one named *first*.
///
/// On an axum router, call [`Router::layer`] after the routes: only those that exist by then are
/// traced, and requests that no route matches are traced as well. `Router::route_layer` leaves
/// the latter out. The layer also works around a whole router. It then learns the route only if
/// there is a packdog extractor or a second `ServerTraceLayer` inside.
///
/// A layer that catches panics, such as tower-http's `CatchPanicLayer`, goes outside, and then
/// the span has the message of the panic. With it inside, the span has the status of its response,
/// and the message where `packdog::error::panic_hook()` was called.
///
/// Applied twice, one request still has one span: the outer one's.
///
/// # TLS
/// The URI of an HTTP/1.1 request has no scheme, and the layer does not see the connection.
/// A server of TLS therefore puts [`Scheme::HTTPS`](http::uri::Scheme::HTTPS) into the extensions of
/// its requests, and then `http.url` begins with `https`. In axum, that is
/// `.layer(Extension(Scheme::HTTPS))` added after this layer.
///
/// # Failures
///
/// `C` decides which responses are failures; see [`classify_with`](Self::classify_with).
///
/// [`Router::layer`]: https://docs.rs/axum/latest/axum/struct.Router.html#method.layer
#[derive(Clone, Debug)]
pub struct ServerTraceLayer<C = ErrorStatuses> {
    config: Arc<Config>,
    /// `None` takes the statuses that the tracer is configured with.
    classifier: Option<C>,
}

impl ServerTraceLayer {
    /// A layer with the defaults.
    ///
    /// Its spans belong to the tracer that is current now. If there is none yet, each request
    /// looks for the installed one.
    pub fn new() -> Self {
        Self { config: Arc::new(Config::new()), classifier: None }
    }
}

impl<C> ServerTraceLayer<C> {
    /// Sets the service of request spans; that of the tracer (`DD_SERVICE`) by default.
    pub fn service(self, service: impl Into<Cow<'static, str>>) -> Self {
        self.with(|config| config.service = Some(service.into()))
    }

    /// Sets the operation name of request spans; `http.request` by default, and `grpc.server` for
    /// gRPC calls.
    pub fn operation_name(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(|config| config.operation_name = Some(name.into()))
    }

    /// Sets the tracer of request spans; with a disabled one, nothing is traced.
    pub fn tracer(self, tracer: &Tracer) -> Self {
        self.with(|config| config.tracer = Some(tracer.clone()))
    }

    /// Sets the content of spans and the statuses that are errors; by default the configuration of
    /// the tracer ([`Config::with_http`](packdog::Config::with_http), or variables such as
    /// `DD_TRACE_HEADER_TAGS`).
    pub fn http(self, http: HttpConfig) -> Self {
        self.with(|config| config.http = Some(Arc::new(http)))
    }

    /// Sets the classifier that decides which responses are failures, in place of their statuses:
    /// any of [`tower_http::classify`].
    ///
    /// gRPC calls are always judged by their gRPC status; a service that fails, a body that
    /// fails and a panic are always errors.
    pub fn classify_with<D: ClassifyResponse>(self, classifier: D) -> ServerTraceLayer<D> {
        ServerTraceLayer { config: self.config, classifier: Some(classifier) }
    }

    /// Sets which callers may continue a trace and set baggage; every caller may by default.
    pub fn ingress(self, ingress: Ingress) -> Self {
        self.with(|config| config.ingress = ingress)
    }

    /// Ignores requests with this path, such as `/healthz`: they have no span.
    ///
    /// An ignored request is not recorded, and neither are spans of its handler;
    /// the caller's trace and baggage are still passed on by calls that the handler makes.
    pub fn ignore_path(self, path: impl Into<Cow<'static, str>>) -> Self {
        self.ignore(Rule::Path(path.into()))
    }

    /// Ignores requests with this route, such as `/health/{kind}`, where the layer can see it.
    pub fn ignore_route(self, route: impl Into<Cow<'static, str>>) -> Self {
        self.ignore(Rule::Route(route.into()))
    }

    /// Ignores requests with this method, such as `OPTIONS`.
    pub fn ignore_method(self, method: Method) -> Self {
        self.ignore(Rule::Method(method))
    }

    /// Ignores requests for which `is_ignored` returns `true`.
    pub fn ignore_if(
        self,
        is_ignored: impl Fn(&RequestHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.ignore(Rule::If(Arc::new(is_ignored)))
    }

    /// Sets whether spans have the metrics `http.response.body.bytes`, the part of the body that was
    /// handed to the server, and `http.response.time_to_first_byte_ns`; they do not by default.
    pub fn body_metrics(self, has_body_metrics: bool) -> Self {
        self.with(|config| config.has_body_metrics = has_body_metrics)
    }

    /// Puts the trace id into this header of responses that do not have it: 32 hex digits.
    pub fn trace_id_header(self, name: HeaderName) -> Self {
        self.with(|config| config.trace_id_header = Some(name))
    }

    /// Calls `hook` with the span and the head of each request, to set your own resource and
    /// tags. The route is known if the layer can see it; behind `nest_service` or `ServeDir` the
    /// URI is there all the same.
    ///
    /// ```
    /// use packdog_server::ServerTraceLayer;
    ///
    /// let layer = ServerTraceLayer::new().on_request(|span, head| {
    ///     if head.uri().path().starts_with("/assets/") {
    ///         span.set_resource("GET /assets/*");
    ///     }
    /// });
    /// # drop(layer);
    /// ```
    pub fn on_request(
        self,
        hook: impl Fn(&Span, &RequestHead<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.with(|config| config.on_request = Some(RequestHook(Arc::new(hook))))
    }

    /// Calls `hook` with the span and the head of each response.
    ///
    /// ```
    /// use packdog_server::ServerTraceLayer;
    ///
    /// let layer = ServerTraceLayer::new().on_response(|span, head| {
    ///     if let Some(cache) = head.headers().get("x-cache").and_then(|cache| cache.to_str().ok()) {
    ///         span.set_tag("cache", cache);
    ///     }
    /// });
    /// # drop(layer);
    /// ```
    pub fn on_response(
        self,
        hook: impl Fn(&Span, &ResponseHead<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.with(|config| config.on_response = Some(ResponseHook::new(hook)))
    }

    fn ignore(self, rule: Rule) -> Self {
        self.with(|config| config.ignored.add(rule))
    }

    fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }
}

impl Default for ServerTraceLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, C: Clone> Layer<S> for ServerTraceLayer<C> {
    type Service = ServerTrace<S, C>;

    fn layer(&self, inner: S) -> ServerTrace<S, C> {
        ServerTrace::new(inner, Arc::clone(&self.config), self.classifier.clone())
    }
}
