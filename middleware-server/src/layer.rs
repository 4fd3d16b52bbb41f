//! The layer, and the one value that holds its options.

use std::{borrow::Cow, sync::Arc};

use packdog::Tracer;
use tower::Layer;

use crate::ServerTrace;

/// The operation name of request spans, unless the application chooses another.
const OPERATION_NAME: &str = "http.request";

/// Traces each request of the services that it wraps; makes [`ServerTrace`].
///
/// # Where it goes
/// Outermost, so that the span covers what other layers do, and sees what they answer.
/// In axum, the layer added *last* is outermost; in a `ServiceBuilder`, the one named *first*.
///
/// On an axum router, call [`Router::layer`] after the routes: only those that exist by then are
/// traced, and requests that no route matches are traced as well. `Router::route_layer` leaves
/// the latter out. Around a whole router the layer works too; as the route is not visible from
/// there, it is known if a layer of ours inside, or one of our extractors in the handler, tells.
///
/// Applied twice, one request still has one span: the outer one's.
///
/// [`Router::layer`]: https://docs.rs/axum/latest/axum/struct.Router.html#method.layer
#[derive(Clone, Debug)]
pub struct ServerTraceLayer {
    config: Arc<Config>,
}

/// What the application chose.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) operation_name: Cow<'static, str>,
    pub(crate) service: Option<Cow<'static, str>>,
    tracer: Option<Tracer>,
}

impl ServerTraceLayer {
    /// A layer with the defaults.
    ///
    /// Its spans belong to the tracer that is current now. If there is none yet, each request
    /// looks for the installed one.
    pub fn new() -> Self {
        let config = Config {
            operation_name: Cow::Borrowed(OPERATION_NAME),
            service: None,
            tracer: Some(Tracer::current()).filter(Tracer::is_enabled),
        };
        Self { config: Arc::new(config) }
    }

    /// The service of request spans; that of the tracer (`DD_SERVICE`) by default.
    pub fn service(self, service: impl Into<Cow<'static, str>>) -> Self {
        self.with(|config| config.service = Some(service.into()))
    }

    /// The operation name of request spans; `http.request` by default.
    pub fn operation_name(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(|config| config.operation_name = name.into())
    }

    /// The tracer of request spans, also if it is a disabled one.
    pub fn tracer(self, tracer: &Tracer) -> Self {
        self.with(|config| config.tracer = Some(tracer.clone()))
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

impl Config {
    pub(crate) fn tracer(&self) -> Tracer {
        self.tracer.clone().unwrap_or_else(Tracer::current)
    }
}

impl<S> Layer<S> for ServerTraceLayer {
    type Service = ServerTrace<S>;

    fn layer(&self, inner: S) -> ServerTrace<S> {
        ServerTrace::new(inner, Arc::clone(&self.config))
    }
}
