//! The configuration of HTTP spans, as values: statuses, headers, redaction, and rules about hosts.
//!
//! `packdog-server` and `packdog-client` apply them.

mod client_ip;
mod config;
mod header_tags;
pub mod host;
mod redact;
mod status;

pub use self::{
    client_ip::ClientIp,
    config::HttpConfig,
    header_tags::HeaderTags,
    host::{Endpoint, HostRule, HostRules},
    redact::{MAX_QUERY_BYTES, MAX_REDACTED_PARTS, PatternError, QueryRedaction},
    status::StatusRanges,
};
pub use crate::config::options::ClientConfig;
