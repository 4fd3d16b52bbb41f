//! Names of attributes that instrumentations use, as constants: a tag with such a name needs no
//! allocation, because a name of the API cannot be taken out of its `Key` as a constant.
//!
//! They are those of OpenTelemetry's [semantic conventions](https://opentelemetry.io/docs/specs/semconv/),
//! new and old, that occur on many spans. By their length, so that few are compared.

use std::borrow::Cow;

use opentelemetry::Key;

/// Returns the name as that of a tag.
pub(super) fn tag_name(key: Key) -> Cow<'static, str> {
    match constant(key.as_str()) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(key.into()),
    }
}

fn constant(name: &str) -> Option<&'static str> {
    #[rustfmt::skip]
    let names: &[&'static str] = match name.len() {
        6 => &["target"],
        7 => &["busy_ns", "db.name", "db.user", "idle_ns", "user.id"],
        8 => &["http.url", "url.full", "url.path"],
        9 => &["component", "db.system", "http.host", "span.kind", "thread.id", "url.query"],
        10 => &["enduser.id", "error.type", "http.route", "rpc.method", "rpc.system", "session.id", "url.scheme"],
        11 => &["client.port", "code.lineno", "http.flavor", "http.method", "http.scheme", "http.target", "rpc.service", "server.port", "thread.name"],
        12 => &["db.namespace", "db.operation", "db.statement", "faas.trigger", "network.type", "peer.service", "url.template"],
        13 => &["code.filepath", "code.function", "db.query.text", "error.message", "net.peer.name", "net.peer.port"],
        14 => &["client.address", "code.file.path", "code.namespace", "db.system.name", "exception.type", "http.useragent", "server.address"],
        15 => &["http.user_agent"],
        16 => &["code.line.number", "code.module.name", "db.query.summary", "graphql.document", "http.status_code", "messaging.system"],
        17 => &["db.operation.name", "exception.message", "faas.invoked_name", "network.peer.port", "network.transport"],
        18 => &["code.function.name", "db.collection.name"],
        19 => &["http.request.method", "messaging.operation", "user_agent.original"],
        20 => &["exception.stacktrace", "messaging.message.id", "network.peer.address", "rpc.grpc.status_code"],
        21 => &["faas.invoked_provider", "network.protocol.name"],
        22 => &["graphql.operation.name", "graphql.operation.type", "http.request.body.size"],
        23 => &["db.response.status_code", "http.response.body.size"],
        24 => &["messaging.operation.name", "messaging.operation.type", "network.protocol.version"],
        25 => &["http.request.resend_count", "http.response.status_code"],
        26 => &["messaging.destination.name"],
        29 => &["messaging.batch.message_count", "messaging.consumer.group.name"],
        _ => return None,
    };
    names.iter().find(|known| **known == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_needs_no_allocation_and_any_other_stays_as_it_is() {
        for name in ["http.request.method", "db.system", "target", "messaging.consumer.group.name"]
        {
            assert!(
                matches!(tag_name(Key::from(name.to_owned())), Cow::Borrowed(known) if known == name),
                "{name}"
            );
        }
        for name in ["", "bread", "http.request.methods", "db.systen"] {
            assert!(matches!(tag_name(Key::from(name)), Cow::Owned(own) if own == name), "{name}");
        }
    }
}
