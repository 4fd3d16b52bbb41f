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

use super::telling::Telling;
use crate::notes::Kind;

/// The attributes of a span.
pub(super) trait Attributes {
    /// Whether there is an attribute of this name.
    fn has(&self, key: &str) -> bool;

    /// Returns the attribute, if it is a text that is not empty.
    fn text(&self, key: &str) -> Option<&str>;

    /// Returns the first of these that is a text and not empty, in lower case.
    fn lower(&self, keys: &[&str]) -> Option<Cow<'_, str>> {
        keys.iter().find_map(|key| self.text(key)).map(lower)
    }

    /// Returns the database.
    fn database(&self) -> Option<Cow<'_, str>> {
        self.lower(&["db.system", "db.system.name"])
    }
}

/// Returns a text in lower case; nearly all are so already.
fn lower(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Returns the operation name of a span without attributes that it may depend on.
pub(super) fn plain_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Server => "server.request",
        Kind::Client => "client.request",
        Kind::Internal | Kind::Producer | Kind::Consumer => kind.as_str(),
    }
}

/// Returns the operation name of a span of this kind, all of whose attributes that it may depend on
/// are in the groups `told`. `database` is that of a client.
pub(super) fn operation_name(
    kind: Kind,
    told: Telling,
    database: Option<&str>,
    attributes: &impl Attributes,
) -> Cow<'static, str> {
    derived(kind, told, database, attributes).unwrap_or(Cow::Borrowed(plain_name(kind)))
}

fn derived(
    kind: Kind,
    told: Telling,
    database: Option<&str>,
    attributes: &impl Attributes,
) -> Option<Cow<'static, str>> {
    let (is_client, is_server) = (kind == Kind::Client, kind == Kind::Server);
    let is_request = is_client || is_server;
    let lower = |keys: &[&str]| attributes.lower(keys);
    if is_request
        && told.has(Telling::HTTP)
        && (attributes.has("http.request.method") || attributes.has("http.method"))
    {
        return Some(if is_client { "http.client.request" } else { "http.server.request" }.into());
    }
    if let Some(database) = database {
        return Some(format!("{database}.query").into());
    }
    if kind != Kind::Internal
        && told.has(Telling::MESSAGING)
        && let Some(system) = lower(&["messaging.system"])
        && let Some(operation) = lower(&["messaging.operation", "messaging.operation.type"])
    {
        return Some(format!("{system}.{operation}").into());
    }
    if is_request
        && told.has(Telling::RPC)
        && let Some(system) = lower(&["rpc.system"])
    {
        if is_client && system == "aws-api" {
            return Some(match lower(&["rpc.service"]) {
                Some(service) => format!("aws.{service}.request").into(),
                None => "aws.client.request".into(),
            });
        }
        return Some(format!("{system}.{}.request", kind.as_str()).into());
    }
    if is_client
        && told.has(Telling::FAAS)
        && let Some(provider) = lower(&["faas.invoked_provider"])
        && let Some(name) = lower(&["faas.invoked_name"])
    {
        return Some(format!("{provider}.{name}.invoke").into());
    }
    if is_server
        && told.has(Telling::FAAS)
        && let Some(trigger) = lower(&["faas.trigger"])
    {
        return Some(format!("{trigger}.invoke").into());
    }
    if told.has(Telling::GRAPHQL) && attributes.text("graphql.operation.type").is_some() {
        return Some("graphql.server.request".into());
    }
    if is_request
        && told.has(Telling::NETWORK)
        && let Some(protocol) = lower(&["network.protocol.name"])
    {
        return Some(format!("{protocol}.{}.request", kind.as_str()).into());
    }
    None
}
