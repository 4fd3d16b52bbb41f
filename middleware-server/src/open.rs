//! How the span of a request begins: of an HTTP request, of a gRPC call, or of one that is ignored.

use std::net::IpAddr;

use http::{HeaderMap, Version, header, uri::Scheme};
use packdog::{
    OwnedSpan, Span, SpanBuilder, SpanContext, SpanKind, Tracer, http::HttpConfig, tags,
};
use packdog_http::{endpoint, grpc, request as incoming};

use crate::{RequestHead, layer::Config, request};

/// The component of a request that no axum route was seen of.
const TOWER: &str = "tower";

/// A span that records nothing and passes on what came, and so do the spans below it.
pub(crate) fn ignored(tracer: &Tracer, context: SpanContext) -> OwnedSpan {
    let _scope = tracer.enter();
    let passing = Span::ignored(context);
    passing.child("ignored").start()
}

/// The span of an HTTP request.
pub(crate) fn http(
    config: &Config,
    http: &HttpConfig,
    tracer: &Tracer,
    context: SpanContext,
    head: &RequestHead<'_>,
    version: Version,
) -> OwnedSpan {
    let method = incoming::method(head.method());
    let query = http.server_query(head.uri().query());
    let scheme = head.extensions().get::<Scheme>();
    let url = incoming::request_url(head.uri(), scheme, head.headers(), query.as_deref());
    let mut builder = begin(config, tracer, context, None)
        .resource(incoming::resource_without_route(method, None))
        .tag(tags::COMPONENT, TOWER)
        .tag(tags::http::METHOD, method)
        .tag(tags::http::URL, url);
    if let Some(version) = incoming::version(version) {
        builder = builder.tag(tags::http::VERSION, version);
    }
    if let Some(agent) = head.headers().get(header::USER_AGENT) {
        let agent = String::from_utf8_lossy(agent.as_bytes());
        builder = builder.tag(tags::http::USER_AGENT, agent.into_owned());
    }
    let referrer = head.headers().get(header::REFERER).and_then(|referrer| referrer.to_str().ok());
    if let Some(host) = referrer.and_then(incoming::referrer_hostname) {
        builder = builder.tag(tags::http::REFERRER_HOSTNAME, host);
    }
    if http.resource_renaming_enabled {
        builder = builder.tag(tags::http::ENDPOINT, endpoint(head.uri().path()));
    }
    of_every_protocol(builder, http, head).start()
}

/// The span of a gRPC call.
pub(crate) fn grpc(
    config: &Config,
    http: &HttpConfig,
    tracer: &Tracer,
    context: SpanContext,
    head: &RequestHead<'_>,
) -> OwnedSpan {
    let path = head.uri().path();
    let component = if request::is_of_tonic(head.extensions()) { "tonic" } else { TOWER };
    let mut builder = begin(config, tracer, context, Some(grpc::SERVER_OPERATION))
        .tag(tags::COMPONENT, component)
        .tag(tags::rpc::SYSTEM, "grpc");
    // Only what can be a method, since clients choose paths freely.
    builder = match grpc::service_and_method(path) {
        Some((service, method)) => builder
            .resource(path.to_owned())
            .tag(tags::rpc::SERVICE, service)
            .tag(tags::rpc::METHOD, method),
        None => builder.resource(grpc::SERVER_OPERATION),
    };
    of_every_protocol(builder, http, head).start()
}

fn begin(
    config: &Config,
    tracer: &Tracer,
    context: SpanContext,
    of_grpc: Option<&'static str>,
) -> SpanBuilder {
    let builder = tracer
        .span(config.operation_name(of_grpc))
        .child_of(context)
        .span_type("web")
        .kind(SpanKind::Server)
        .tag(tags::internal::MEASURED, 1);
    match &config.service {
        Some(service) => builder.service(service.clone()),
        None => builder,
    }
}

fn of_every_protocol(
    mut builder: SpanBuilder,
    http: &HttpConfig,
    head: &RequestHead<'_>,
) -> SpanBuilder {
    if http.client_ip_enabled
        && let Some(peer) = head.peer()
    {
        builder = with_client_ip(builder, http, head.headers(), peer);
    }
    for (name, value) in http.header_tags.of_request(head.headers()) {
        builder = builder.tag(name.to_owned(), value);
    }
    builder
}

fn with_client_ip(
    builder: SpanBuilder,
    http: &HttpConfig,
    headers: &HeaderMap,
    peer: IpAddr,
) -> SpanBuilder {
    let builder = builder.tag(tags::network::CLIENT_IP, peer.to_string());
    match http.client_ip.find(headers, peer) {
        Some(client) => builder.tag(tags::http::CLIENT_IP, client.to_string()),
        None => builder,
    }
}
