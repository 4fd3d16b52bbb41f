//! The settings of one client, and the opening of its spans.
//!
//! Settings in code win over the configuration of the tracer, and those of one call over both.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use http::{Extensions, HeaderMap, Method, Uri};
use packdog::{
    Baggage, Span, Tracer, current_span,
    http::{ClientConfig, Endpoint, HttpConfig, StatusRanges},
    span::SpanBuilder,
    tags,
};
use packdog_http::{
    ResponseHook,
    destination::{self, Destination},
    grpc,
    request::{OutgoingRequest, known_method},
};

use crate::{
    CallOptions, Egress,
    attempts::{Attempts, CountedAttempts},
    egress::strip_baggage,
    side::{ClientExchange, ClientSide},
};

/// The settings of one client.
#[derive(Clone)]
pub(crate) struct ClientTracing {
    component: &'static str,
    /// `None` looks for one at each call: the application may install it later.
    pub(crate) tracer: Option<Tracer>,
    pub(crate) egress: Option<Egress>,
    pub(crate) origin: Option<Uri>,
    pub(crate) operation_name: Option<Cow<'static, str>>,
    pub(crate) service: Option<Cow<'static, str>>,
    pub(crate) peer_service: Option<Cow<'static, str>>,
    pub(crate) is_split_by_domain: Option<bool>,
    pub(crate) error_statuses: Option<StatusRanges>,
    pub(crate) on_request: Option<RequestHook>,
    pub(crate) on_response: Option<ResponseHook>,
    configured: Arc<OnceLock<(Arc<HttpConfig>, Egress)>>,
}

/// Without rules: clients are printed as parts of other values, on lines of a log.
impl fmt::Debug for ClientTracing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, tracer, .. } = self;
        let mut fields = f.debug_struct("ClientTracing");
        fields.field("service", service).field("tracer", tracer).finish_non_exhaustive()
    }
}

type Hook = dyn Fn(&Span, &CallHead<'_>) + Send + Sync;

/// A hook that sees the head of each call with the span.
#[derive(Clone)]
pub(crate) struct RequestHook(pub(crate) Arc<Hook>);

impl fmt::Debug for RequestHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestHook(..)")
    }
}

/// The head of a call, for hooks.
#[derive(Clone, Copy, Debug)]
pub struct CallHead<'a> {
    method: &'a Method,
    destination: Destination<'a>,
    headers: &'a HeaderMap,
}

impl<'a> CallHead<'a> {
    /// The method.
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// The called host, without its port; `None` if it is unknown.
    pub fn host(&self) -> Option<&'a str> {
        self.destination.host()
    }

    /// The path.
    pub fn path(&self) -> &'a str {
        self.destination.path()
    }

    /// The headers of the application; ours come later.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }
}

/// The head of a request, in any representation of a client.
pub(crate) struct Head<'a> {
    pub(crate) method: &'a Method,
    pub(crate) destination: Destination<'a>,
    /// As it stands in the URL, without its `?`.
    pub(crate) query: Option<&'a str>,
    /// By the URL alone.
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) headers: &'a HeaderMap,
}

impl ClientTracing {
    /// Keeps the tracer of the scope in which the client is built.
    pub(crate) fn new(component: &'static str) -> Self {
        Self {
            component,
            tracer: Some(Tracer::current()).filter(Tracer::is_enabled),
            egress: None,
            origin: None,
            operation_name: None,
            service: None,
            peer_service: None,
            is_split_by_domain: None,
            error_statuses: None,
            on_request: None,
            on_response: None,
            configured: Arc::default(),
        }
    }

    /// Opens the span of a call below the current span, and counts the attempt. `None` leaves the
    /// call alone: its options ask for that, it goes to the Datadog Agent, or there is no tracer.
    pub(crate) fn open(
        &self,
        head: &Head<'_>,
        extensions: &mut Extensions,
    ) -> Option<(ClientExchange, CountedAttempts)> {
        let tracer = self.tracer.clone().unwrap_or_else(Tracer::current);
        let is_traced = tracer.is_enabled() || !current_span().is_nothing();
        let options = extensions.get::<CallOptions>().cloned(); // Nearly always `None`.
        let asks = |of: fn(&CallOptions) -> bool| options.as_ref().is_some_and(of);
        let is_untraced = asks(|options| options.is_untraced);
        if !is_traced || is_untraced || destination::is_agent_call(head.headers) {
            return None;
        }
        let config = HttpConfig::of(&tracer);
        if config.client.agent.as_ref() == Some(head.endpoint) {
            return None;
        }
        let (retries, attempts) = Attempts::count(extensions);
        let request = OutgoingRequest {
            method: head.method,
            destination: head.destination,
            query: head.query,
            headers: head.headers,
            component: self.component,
            is_grpc: grpc::is_call(head.headers),
        };
        let has_baggage = !asks(|options| options.is_without_baggage);
        let mut span = self.begin(&tracer, &config, &request, options.as_ref());
        if retries > 0 {
            span = span.derived_tag(tags::http::RETRY_COUNT, retries);
        }
        let span = span.start();
        let side = ClientSide {
            error_statuses: self.error_statuses.clone(),
            on_response: self.on_response.clone(),
            has_baggage,
        };
        let (method, is_grpc) = (known_method(head.method), request.is_grpc);
        let mut exchange = ClientExchange::new(span, config, method, is_grpc, side);
        if let Some(RequestHook(hook)) = &self.on_request {
            let (method, destination, headers) = (head.method, head.destination, head.headers);
            exchange.call_hook(|span| hook(span, &CallHead { method, destination, headers }));
        }
        Some((exchange, attempts))
    }

    /// Writes the headers of an exchange that the called host may have.
    pub(crate) fn inject(
        &self,
        exchange: &ClientExchange,
        endpoint: &Endpoint,
        headers: &mut HeaderMap,
    ) {
        let span = exchange.span();
        let mut context = span.outgoing_context();
        if !exchange.side().has_baggage {
            context = context.with_baggage(Baggage::new());
            strip_baggage(headers);
        }
        self.egress(exchange.http()).inject_context(span, &mut context, endpoint, headers);
    }

    fn begin(
        &self,
        tracer: &Tracer,
        config: &HttpConfig,
        request: &OutgoingRequest<'_>,
        options: Option<&CallOptions>,
    ) -> SpanBuilder {
        let name = options.and_then(|options| options.operation_name.clone());
        let name = name.or_else(|| self.operation_name.clone());
        let name = name.unwrap_or(Cow::Borrowed(request.operation_name()));
        let mut span = request.show(tracer.span(name), config);
        if let Some(resource) = options.and_then(|options| options.resource.clone()) {
            span = span.resource(resource);
        }
        let host = request.destination.host();
        let service = options.and_then(|options| options.service.clone());
        if let Some(service) = service.or_else(|| self.service.clone()) {
            span = span.service(service);
        } else if let Some((service, source)) = self.service_of_host(&config.client, host) {
            span = span.service(service).tag(tags::internal::SERVICE_SOURCE, source);
        }
        let peer_service = options.and_then(|options| options.peer_service.clone());
        let peer_service = peer_service.or_else(|| self.peer_service.clone());
        span = with_peer_service(span, &config.client, peer_service, host);
        for (key, value) in options.into_iter().flat_map(|options| &options.tags) {
            span = span.tag(key.clone(), value.clone());
        }
        span
    }

    /// The policy of the application, else that of the tracer's configuration.
    fn egress(&self, config: &Arc<HttpConfig>) -> Cow<'_, Egress> {
        if let Some(egress) = &self.egress {
            return Cow::Borrowed(egress);
        }
        let of_config = || Egress::of(&config.client);
        let (known, egress) = self.configured.get_or_init(|| (Arc::clone(config), of_config()));
        if Arc::ptr_eq(known, config) {
            Cow::Borrowed(egress)
        } else {
            // The client has no tracer of its own, and this is the second one that it is used with.
            Cow::Owned(of_config())
        }
    }

    /// Returns the service that the host gives the span, and the option behind it.
    fn service_of_host(
        &self,
        config: &ClientConfig,
        host: Option<&str>,
    ) -> Option<(String, &'static str)> {
        let is_split = self.is_split_by_domain.unwrap_or(config.is_split_by_domain);
        let host = host.filter(|_| is_split && !config.removes_integration_services)?;
        Some(match renamed(&config.service_mapping, host) {
            Some(service) => (service.to_owned(), "opt.service_mapping"),
            None => (host.to_owned(), "opt.split_by_domain"),
        })
    }
}

/// Returns the new name that a mapping has for a name.
fn renamed<'m>(mapping: &'m [(String, String)], name: &str) -> Option<&'m str> {
    mapping.iter().find(|(from, _)| from == name).map(|(_, to)| to.as_str())
}

fn with_peer_service(
    mut span: SpanBuilder,
    config: &ClientConfig,
    chosen: Option<Cow<'static, str>>,
    host: Option<&str>,
) -> SpanBuilder {
    let is_chosen = chosen.is_some();
    let of_host = || host.filter(|_| config.has_peer_service).map(|host| host.to_owned().into());
    let Some(peer) = chosen.or_else(of_host) else { return span };
    if !is_chosen {
        span = span.tag(tags::internal::PEER_SERVICE_SOURCE, tags::network::OUT_HOST);
    }
    match renamed(&config.peer_service_mapping, &peer) {
        Some(name) => span
            .tag(tags::network::PEER_SERVICE, name)
            .tag(tags::internal::PEER_SERVICE_REMAPPED_FROM, peer.as_ref()),
        None => span.tag(tags::network::PEER_SERVICE, peer.as_ref()),
    }
}
