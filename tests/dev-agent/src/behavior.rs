//! The behavior of the Agent towards tracers; tests change it to see how a tracer copes.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::Value;

use crate::paths::{REMOTE_CONFIGURATION, STATS, TELEMETRY, TRACES_V04, TRACES_V05};

/// The responses to trace requests and to `/info`. Change it with [`DevAgent::behave`](crate::DevAgent::behave).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Behavior {
    /// Requests are received, but get no response until this is `false` again. Default `false`.
    pub holds: bool,
    /// The status of every response; the bodies of requests are forgotten. Default `None`.
    pub status: Option<StatusCode>,
    /// Paths that exist; others respond with 404. Default: all that the Agent can serve.
    pub endpoints: Vec<String>,
    /// `/info` exists; very old Agents respond with 404. Default `true`.
    pub info: bool,
    /// Sampling rates by `service:<service>,env:<env>`, 0.0 to 1.0. Default `service:,env:` at 1.0.
    pub rates: BTreeMap<String, f64>,
    /// `/info` announces that spans may carry `span_events`. Default `true`.
    pub span_events: bool,
    /// `/info` announces that spans may carry `meta_struct`. Default `true`.
    pub span_meta_structs: bool,
    /// `/info` announces that tracers may drop traces that are not sampled, and send statistics instead. Default `false`, so that
    /// every trace can be looked at.
    pub client_drop_p0s: bool,
    /// Tags that `/info` lists as dimensions for statistics of calls. Default: those that name a peer.
    pub peer_tags: Vec<String>,
    /// Fields of `/info` that are added to the usual ones or replace them. Default: none.
    pub info_fields: BTreeMap<String, Value>,
}

impl Default for Behavior {
    fn default() -> Self {
        Self {
            holds: false,
            status: None,
            endpoints: [TRACES_V04, TRACES_V05, STATS, TELEMETRY, REMOTE_CONFIGURATION]
                .map(String::from)
                .into(),
            info: true,
            rates: [("service:,env:".to_owned(), 1.0)].into(),
            span_events: true,
            span_meta_structs: true,
            client_drop_p0s: false,
            peer_tags: ["peer.service", "out.host", "db.instance", "messaging.destination"]
                .map(String::from)
                .into(),
            info_fields: BTreeMap::new(),
        }
    }
}
