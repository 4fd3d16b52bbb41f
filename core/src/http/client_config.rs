//! The settings of client spans, and of what outgoing requests may carry.

use super::{Endpoint, HostRule, HostRules};

/// What clients do unless code says otherwise; one field for each row of the options table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientConfig {
    /// `PACKDOG_EGRESS_TRACE`: the hosts that get trace headers; all by default, as with
    /// Datadog's SDKs.
    pub trace_to: HostRules,
    /// `PACKDOG_EGRESS_BAGGAGE`: the hosts that get baggage; [local](HostRule::LOCAL) ones by
    /// default.
    pub baggage_to: HostRules,
    /// `PACKDOG_EGRESS_BAGGAGE_KEYS`: the items of baggage that may leave; all by default.
    pub baggage_keys: Option<Vec<String>>,
    /// `PACKDOG_EGRESS_BAGGAGE_MAX_BYTES`: the most bytes of baggage that leave; without it,
    /// `DD_TRACE_BAGGAGE_MAX_BYTES` alone counts.
    pub baggage_max_bytes: Option<usize>,
    /// `DD_TRACE_HTTP_CLIENT_SPLIT_BY_DOMAIN`: the called host is the service of the span;
    /// `false` by default.
    pub is_split_by_domain: bool,
    /// `DD_TRACE_REMOVE_INTEGRATION_SERVICE_NAMES_ENABLED`: no service is chosen by a client;
    /// `false` by default.
    pub removes_integration_services: bool,
    /// `DD_SERVICE_MAPPING`: other names for services that a client chose.
    pub service_mapping: Vec<(String, String)>,
    /// `DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED`: the called host is tagged as `peer.service`;
    /// `false` by default.
    pub has_peer_service: bool,
    /// `DD_TRACE_PEER_SERVICE_MAPPING`: other names for values of `peer.service`.
    pub peer_service_mapping: Vec<(String, String)>,
    /// Where the Datadog Agent listens, which is never called with a span; set by the tracer.
    pub agent: Option<Endpoint>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            trace_to: HostRules::from_iter([HostRule::ALL]),
            baggage_to: HostRules::from_iter([HostRule::LOCAL]),
            baggage_keys: None,
            baggage_max_bytes: None,
            is_split_by_domain: false,
            removes_integration_services: false,
            service_mapping: Vec::new(),
            has_peer_service: false,
            peer_service_mapping: Vec::new(),
            agent: None,
        }
    }
}
