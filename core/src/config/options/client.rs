//! Options of client spans, and of what outgoing requests may carry.

use super::ConfigOption;
use crate::{
    config::{
        ParseError,
        parse::{boolean, limit, list, mapping},
    },
    http::{HostRule, HostRules},
};

pub(super) static OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        env: &["PACKDOG_EGRESS_TRACE"],
        default: "`*`",
        about: "Hosts that get trace headers: `name`, `*.name`, `address`, `network/bits`, `local`, `*` or `none`, each with `:port` if need be.",
        takes_empty: false,
        read: |config, text| hosts(HostRules::parse(text), &mut config.http.client.trace_to),
    },
    ConfigOption {
        env: &["PACKDOG_EGRESS_BAGGAGE"],
        default: "`local`",
        about: "Hosts that get baggage beside the local ones; `*` for all, `none` for no other than those behind it.",
        takes_empty: false,
        read: |config, text| {
            let local = HostRules::from_iter([HostRule::LOCAL]);
            hosts(local.with(text), &mut config.http.client.baggage_to)
        },
    },
    ConfigOption {
        env: &["PACKDOG_EGRESS_BAGGAGE_KEYS"],
        default: "all",
        about: "Items of baggage that may leave, by their keys; empty for none.",
        takes_empty: true,
        read: |config, text| {
            config.http.client.baggage_keys = Some(list(text));
            Ok(())
        },
    },
    ConfigOption {
        env: &["PACKDOG_EGRESS_BAGGAGE_MAX_BYTES"],
        default: "`DD_TRACE_BAGGAGE_MAX_BYTES`",
        about: "The most bytes of baggage that leave.",
        takes_empty: false,
        read: |config, text| {
            config.http.client.baggage_max_bytes = Some(limit(text)?);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_HTTP_CLIENT_SPLIT_BY_DOMAIN"],
        default: "`false`",
        about: "Whether the called host is the service of a client span.",
        takes_empty: false,
        read: |config, text| {
            config.http.client.is_split_by_domain = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_REMOVE_INTEGRATION_SERVICE_NAMES_ENABLED"],
        default: "`false`",
        about: "Whether client spans keep the service of the process, whatever else chooses one.",
        takes_empty: false,
        read: |config, text| {
            config.http.client.removes_integration_services = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_SERVICE_MAPPING"],
        default: "none",
        about: "Other names for services that a middleware chose: `from:to,from:to`.",
        takes_empty: false,
        read: |config, text| mapping(text, &mut config.http.client.service_mapping),
    },
    ConfigOption {
        env: &["DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED"],
        default: "`false`",
        about: "Whether the called host is tagged as `peer.service`.",
        takes_empty: false,
        read: |config, text| {
            config.http.client.has_peer_service = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_PEER_SERVICE_MAPPING"],
        default: "none",
        about: "Other names for `peer.service`: `from:to,from:to`.",
        takes_empty: false,
        read: |config, text| mapping(text, &mut config.http.client.peer_service_mapping),
    },
];

/// Takes the rules that can be read, and says which cannot. If none can, nobody is let in: a
/// wish for less is never answered with more.
fn hosts(
    (rules, unreadable): (HostRules, Vec<&str>),
    into: &mut HostRules,
) -> Result<(), ParseError> {
    let used = Some(rules.to_string());
    *into = rules;
    if unreadable.is_empty() {
        return Ok(());
    }
    let unknown = unreadable.into_iter().map(str::to_owned).collect();
    Err(ParseError::UnknownNames { unknown, used })
}
