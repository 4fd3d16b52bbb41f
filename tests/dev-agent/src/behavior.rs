//! How the Agent answers tracers; tests change it to see how a tracer copes.

use std::collections::BTreeMap;

use http::StatusCode;

/// The answers to trace requests and to `/info`. Change it with [`DevAgent::behave`](crate::DevAgent::behave).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Behavior {
    /// Requests are received, but not answered until this is `false` again. Default `false`.
    pub holds: bool,
    /// Answers every request with this status and forgets what it carried. Default `None`.
    pub status: Option<StatusCode>,
    /// Paths that exist; others answer 404. Default: all that the Agent can serve.
    pub endpoints: Vec<String>,
    /// `/info` exists; very old Agents answer 404. Default `true`.
    pub info: bool,
    /// Sampling rates by `service:<service>,env:<env>`, 0.0 to 1.0. Default `service:,env:` at 1.0.
    pub rates: BTreeMap<String, f64>,
    /// `/info` says that spans may carry `span_events`. Default `true`.
    pub span_events: bool,
    /// `/info` says that spans may carry `meta_struct`. Default `true`.
    pub span_meta_structs: bool,
    /// `/info` says that tracers may drop what is sampled out. Default `false`: there are no statistics here.
    pub client_drop_p0s: bool,
}

impl Default for Behavior {
    fn default() -> Self {
        Self {
            holds: false,
            status: None,
            endpoints: ["/v0.4/traces", "/v0.5/traces"].map(String::from).into(),
            info: true,
            rates: [("service:,env:".to_owned(), 1.0)].into(),
            span_events: true,
            span_meta_structs: true,
            client_drop_p0s: false,
        }
    }
}
