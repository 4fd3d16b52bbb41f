//! The meanings that names of attributes have, besides those of tags.

use packdog::tags::{SPAN_KIND, http::STATUS_CODE};

use super::telling::Telling;

/// The meaning of an attribute, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is a tag, on which name and type may depend if it is in a group.
    Tag(Telling),
    /// It is the status of a response.
    Status,
    Name,
    Service,
    Resource,
    Type,
    Analytics,
    Keep,
    Drop,
}

impl Meaning {
    /// Returns the meaning of a name.
    ///
    /// Its length comes first: so most names are compared with none of these, and no name with more
    /// than four.
    pub(super) fn of(name: &str) -> Self {
        let telling = match name.len() {
            9 => match name {
                SPAN_KIND => Telling::KIND,
                "span.type" => return Self::Type,
                "db.system" => Telling::DB,
                _ => Telling::NONE,
            },
            10 if name == "rpc.system" => Telling::RPC,
            11 => match name {
                "http.method" => Telling::HTTP,
                "rpc.service" => Telling::RPC,
                "manual.keep" => return Self::Keep,
                "manual.drop" => return Self::Drop,
                _ => Telling::NONE,
            },
            12 => match name {
                "service.name" => return Self::Service,
                "faas.trigger" => Telling::FAAS,
                _ => Telling::NONE,
            },
            13 if name == "resource.name" => return Self::Resource,
            14 => match name {
                "operation.name" => return Self::Name,
                "db.system.name" => Telling::DB,
                _ => Telling::NONE,
            },
            15 if name == "analytics.event" => return Self::Analytics,
            16 => match name {
                STATUS_CODE => return Self::Status,
                "messaging.system" => Telling::MESSAGING,
                _ => Telling::NONE,
            },
            17 if name == "faas.invoked_name" => Telling::FAAS,
            19 => match name {
                "http.request.method" => Telling::HTTP,
                "messaging.operation" => Telling::MESSAGING,
                _ => Telling::NONE,
            },
            21 => match name {
                "faas.invoked_provider" => Telling::FAAS,
                "network.protocol.name" => Telling::NETWORK,
                _ => Telling::NONE,
            },
            22 if name == "graphql.operation.type" => Telling::GRAPHQL,
            24 if name == "messaging.operation.type" => Telling::MESSAGING,
            25 if name == "http.response.status_code" => return Self::Status,
            _ => Telling::NONE,
        };
        Self::Tag(telling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_with_a_meaning_is_found_by_its_length() {
        #[rustfmt::skip]
        let table = [
            // name                        meaning
            ("operation.name",             Meaning::Name),
            ("service.name",               Meaning::Service),
            ("resource.name",              Meaning::Resource),
            ("span.type",                  Meaning::Type),
            ("analytics.event",            Meaning::Analytics),
            ("http.response.status_code",  Meaning::Status),
            ("http.status_code",           Meaning::Status),
            ("manual.keep",                Meaning::Keep),
            ("manual.drop",                Meaning::Drop),
            ("http.request.method",        Meaning::Tag(Telling::HTTP)),
            ("http.method",                Meaning::Tag(Telling::HTTP)),
            ("db.system",                  Meaning::Tag(Telling::DB)),
            ("db.system.name",             Meaning::Tag(Telling::DB)),
            ("messaging.system",           Meaning::Tag(Telling::MESSAGING)),
            ("messaging.operation",        Meaning::Tag(Telling::MESSAGING)),
            ("messaging.operation.type",   Meaning::Tag(Telling::MESSAGING)),
            ("rpc.system",                 Meaning::Tag(Telling::RPC)),
            ("rpc.service",                Meaning::Tag(Telling::RPC)),
            ("faas.invoked_provider",      Meaning::Tag(Telling::FAAS)),
            ("faas.invoked_name",          Meaning::Tag(Telling::FAAS)),
            ("faas.trigger",               Meaning::Tag(Telling::FAAS)),
            ("graphql.operation.type",     Meaning::Tag(Telling::GRAPHQL)),
            ("network.protocol.name",      Meaning::Tag(Telling::NETWORK)),
            ("",                           Meaning::Tag(Telling::NONE)),
            ("span.kind",                  Meaning::Tag(Telling::KIND)),
            ("http.url",                   Meaning::Tag(Telling::NONE)),
            ("http.route",                 Meaning::Tag(Telling::NONE)),
            ("Service.name",               Meaning::Tag(Telling::NONE)),
            ("error",                      Meaning::Tag(Telling::NONE)),
        ];
        for (name, meaning) in table {
            assert_eq!(Meaning::of(name), meaning, "{name}");
        }
    }
}
