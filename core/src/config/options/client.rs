//! Client spans, and the headers of outgoing requests.

use crate::{
    config::{
        ParseError,
        declare::options,
        parse::{limit, list, not_negative, partly},
    },
    http::{Endpoint, HostRule, HostRules},
};

options! {
    /// The content of client spans, and of outgoing requests.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ClientConfig at |config| config.http.client;

    /// The hosts that get trace headers.
    pub trace_to: HostRules = HostRules::from_iter([HostRule::ALL]), {
        variables: ["PACKDOG_EGRESS_TRACE"],
        format: "Format: `name`, `*.name`, `address`, `network/bits`, `local`, `*` or `none`, each optionally with `:port`, separated by commas.",
        default: "`*`",
        read: |config, text| hosts(HostRules::parse(text), &mut config.http.client.trace_to),
        show: |config| Some(config.http.client.trace_to.to_string()),
    }

    /// The hosts that get baggage.
    pub baggage_to: HostRules = HostRules::from_iter([HostRule::LOCAL]), {
        variables: ["PACKDOG_EGRESS_BAGGAGE"],
        format: "Format: that of `PACKDOG_EGRESS_TRACE`. The list adds to the local hosts; to replace them, put `none` first.",
        default: "`local`",
        read: |config, text| {
            let local = HostRules::from_iter([HostRule::LOCAL]);
            hosts(local.with(text), &mut config.http.client.baggage_to)
        },
        show: |config| Some(config.http.client.baggage_to.to_string()),
    }

    /// The keys of the baggage items that may leave the process.
    pub baggage_keys: Option<Vec<String>> = None, {
        variables: ["PACKDOG_EGRESS_BAGGAGE_KEYS"],
        format: "Format: separated by commas; empty for none.",
        default: "all",
        takes_empty: true,
        read: |config, text| {
            config.http.client.baggage_keys = Some(list(text));
            Ok(())
        },
    }

    /// The most bytes of baggage in an outgoing request: the items that fit, in their order.
    pub baggage_max_bytes: Option<usize> = None, {
        variables: ["PACKDOG_EGRESS_BAGGAGE_MAX_BYTES"],
        default: "`DD_TRACE_BAGGAGE_MAX_BYTES`",
        read: |config, text| {
            config.http.client.baggage_max_bytes = Some(limit(text)?);
            not_negative(text)
        },
    }

    /// Whether the called host is the service of a client span.
    pub is_split_by_domain: bool = false, {
        variables: ["DD_TRACE_HTTP_CLIENT_SPLIT_BY_DOMAIN"],
        default: "`false`",
    }

    /// Whether client spans keep the service of the process, even if another setting names one.
    pub removes_integration_services: bool = false, {
        variables: ["DD_TRACE_REMOVE_INTEGRATION_SERVICE_NAMES_ENABLED"],
        default: "`false`",
    }

    /// New names for services that a middleware sets.
    pub service_mapping: Vec<(String, String)> = Vec::new(), {
        variables: ["DD_SERVICE_MAPPING"],
        format: "Format: `from:to,from:to`.",
        default: "none",
    }

    /// Whether the called host is tagged as `peer.service`.
    pub has_peer_service: bool = false, {
        variables: ["DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED"],
        default: "`false`",
    }

    /// New names for `peer.service`.
    pub peer_service_mapping: Vec<(String, String)> = Vec::new(), {
        variables: ["DD_TRACE_PEER_SERVICE_MAPPING"],
        format: "Format: `from:to,from:to`.",
        default: "none",
    }

    also {
        /// The address of the Datadog Agent, which is never called with a span; set by the tracer.
        pub agent: Option<Endpoint> = None,
    }
}

/// Returns the valid rules. If none is valid, no host is allowed: a typing error must not send more
/// than was meant.
fn hosts(
    (rules, unreadable): (HostRules, Vec<&str>),
    into: &mut HostRules,
) -> Result<(), ParseError> {
    *into = rules;
    partly(unreadable)
}
