//! The meanings that names of attributes have, besides those of tags.

use packdog::tags::http::STATUS_CODE;

use super::telling::Telling;

/// The meaning of an attribute, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is a tag.
    Tag,
    /// It is a tag on which name and type may depend.
    Telling(Telling),
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
                "span.type" => return Self::Type,
                "db.system" => Telling::DB,
                _ => return Self::Tag,
            },
            10 if name == "rpc.system" => Telling::RPC,
            11 => match name {
                "http.method" => Telling::HTTP,
                "rpc.service" => Telling::RPC,
                "manual.keep" => return Self::Keep,
                "manual.drop" => return Self::Drop,
                _ => return Self::Tag,
            },
            12 => match name {
                "service.name" => return Self::Service,
                "faas.trigger" => Telling::FAAS,
                _ => return Self::Tag,
            },
            13 if name == "resource.name" => return Self::Resource,
            14 => match name {
                "operation.name" => return Self::Name,
                "db.system.name" => Telling::DB,
                _ => return Self::Tag,
            },
            15 if name == "analytics.event" => return Self::Analytics,
            16 => match name {
                STATUS_CODE => return Self::Status,
                "messaging.system" => Telling::MESSAGING,
                _ => return Self::Tag,
            },
            17 if name == "faas.invoked_name" => Telling::FAAS,
            19 => match name {
                "http.request.method" => Telling::HTTP,
                "messaging.operation" => Telling::MESSAGING,
                _ => return Self::Tag,
            },
            21 => match name {
                "faas.invoked_provider" => Telling::FAAS,
                "network.protocol.name" => Telling::NETWORK,
                _ => return Self::Tag,
            },
            22 if name == "graphql.operation.type" => Telling::GRAPHQL,
            24 if name == "messaging.operation.type" => Telling::MESSAGING,
            25 if name == "http.response.status_code" => return Self::Status,
            _ => return Self::Tag,
        };
        Self::Telling(telling)
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
            ("http.request.method",        Meaning::Telling(Telling::HTTP)),
            ("http.method",                Meaning::Telling(Telling::HTTP)),
            ("db.system",                  Meaning::Telling(Telling::DB)),
            ("db.system.name",             Meaning::Telling(Telling::DB)),
            ("messaging.system",           Meaning::Telling(Telling::MESSAGING)),
            ("messaging.operation",        Meaning::Telling(Telling::MESSAGING)),
            ("messaging.operation.type",   Meaning::Telling(Telling::MESSAGING)),
            ("rpc.system",                 Meaning::Telling(Telling::RPC)),
            ("rpc.service",                Meaning::Telling(Telling::RPC)),
            ("faas.invoked_provider",      Meaning::Telling(Telling::FAAS)),
            ("faas.invoked_name",          Meaning::Telling(Telling::FAAS)),
            ("faas.trigger",               Meaning::Telling(Telling::FAAS)),
            ("graphql.operation.type",     Meaning::Telling(Telling::GRAPHQL)),
            ("network.protocol.name",      Meaning::Telling(Telling::NETWORK)),
            ("",                           Meaning::Tag),
            ("span.kind",                  Meaning::Tag),
            ("http.url",                   Meaning::Tag),
            ("http.route",                 Meaning::Tag),
            ("Service.name",               Meaning::Tag),
            ("error",                      Meaning::Tag),
        ];
        for (name, meaning) in table {
            assert_eq!(Meaning::of(name), meaning, "{name}");
        }
    }
}
