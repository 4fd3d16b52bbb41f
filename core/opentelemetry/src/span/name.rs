//! The operation name of a span: derived from its kind and its attributes.
//!
//! The first row that applies counts, and values are lower-cased:
//! ```text
//! server, client    http.request.method                  http.server.request
//! client            db.system                            <system>.query
//! all but internal  messaging.system, ….operation        <system>.<operation>
//! client            rpc.system = aws-api                 aws.<rpc.service>.request
//! client, server    rpc.system                           <system>.client.request
//! client            faas.invoked_provider, …_name        <provider>.<name>.invoke
//! server            faas.trigger                         <trigger>.invoke
//! any               graphql.operation.type               graphql.server.request
//! server, client    network.protocol.name                <protocol>.server.request
//! server, client                                         server.request
//! other                                                  internal
//! ```
//! Rules: [Datadog, mapping OpenTelemetry semantic conventions to operation
//! names](https://docs.datadoghq.com/opentelemetry/mapping/semantic_mapping/).

use std::borrow::Cow;

use crate::notes::Kind;

/// Whether the name or the type of a span may depend on this attribute.
pub(super) fn is_telling(key: &str) -> bool {
    matches!(
        key,
        "http.request.method"
            | "http.method"
            | "db.system"
            | "db.system.name"
            | "messaging.system"
            | "messaging.operation"
            | "messaging.operation.type"
            | "rpc.system"
            | "rpc.service"
            | "faas.invoked_provider"
            | "faas.invoked_name"
            | "faas.trigger"
            | "graphql.operation.type"
            | "network.protocol.name"
    )
}

/// The attributes of a span.
pub(super) trait Attributes {
    /// Whether there is an attribute of this name.
    fn has(&self, key: &str) -> bool;

    /// Returns the attribute, if it is a text that is not empty.
    fn text(&self, key: &str) -> Option<&str>;

    /// Returns the first of these that is a text and not empty, in lower case.
    fn lower(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.text(key)).map(str::to_lowercase)
    }
}

/// Returns the operation name of a span of this kind, which has attributes that the name may depend
/// on.
pub(super) fn operation_name(kind: Kind, attributes: &impl Attributes) -> Cow<'static, str> {
    derived(kind, attributes).unwrap_or(Cow::Borrowed(plain_name(kind)))
}

/// Returns the operation name of a span without such attributes.
pub(super) fn plain_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Server => "server.request",
        Kind::Client => "client.request",
        Kind::Internal | Kind::Producer | Kind::Consumer => kind.as_str(),
    }
}

fn derived(kind: Kind, attributes: &impl Attributes) -> Option<Cow<'static, str>> {
    let (is_client, is_server) = (kind == Kind::Client, kind == Kind::Server);
    let is_request = is_client || is_server;
    let lower = |keys: &[&str]| attributes.lower(keys);
    if is_request && (attributes.has("http.request.method") || attributes.has("http.method")) {
        return Some(if is_client { "http.client.request" } else { "http.server.request" }.into());
    }
    if is_client && let Some(system) = lower(&["db.system", "db.system.name"]) {
        return Some(format!("{system}.query").into());
    }
    if kind != Kind::Internal
        && let Some(system) = lower(&["messaging.system"])
        && let Some(operation) = lower(&["messaging.operation", "messaging.operation.type"])
    {
        return Some(format!("{system}.{operation}").into());
    }
    if is_request && let Some(system) = lower(&["rpc.system"]) {
        if is_client && system == "aws-api" {
            return Some(match lower(&["rpc.service"]) {
                Some(service) => format!("aws.{service}.request").into(),
                None => "aws.client.request".into(),
            });
        }
        return Some(format!("{system}.{}.request", kind.as_str()).into());
    }
    if is_client
        && let Some(provider) = lower(&["faas.invoked_provider"])
        && let Some(name) = lower(&["faas.invoked_name"])
    {
        return Some(format!("{provider}.{name}.invoke").into());
    }
    if is_server && let Some(trigger) = lower(&["faas.trigger"]) {
        return Some(format!("{trigger}.invoke").into());
    }
    if attributes.text("graphql.operation.type").is_some() {
        return Some("graphql.server.request".into());
    }
    if is_request && let Some(protocol) = lower(&["network.protocol.name"]) {
        return Some(format!("{protocol}.{}.request", kind.as_str()).into());
    }
    None
}
