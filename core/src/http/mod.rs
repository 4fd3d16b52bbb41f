//! What both middlewares decide about HTTP: they ask here and only record.

mod body_progress;
pub mod client;
mod client_config;
mod client_ip;
mod config;
mod endpoint;
pub mod grpc;
mod header_tags;
pub mod host;
mod redact;
pub mod server;
mod status;
mod url;

pub use self::{
    body_progress::BodyProgress,
    client_config::ClientConfig,
    client_ip::ClientIp,
    config::HttpConfig,
    endpoint::endpoint,
    header_tags::HeaderTags,
    host::{Endpoint, HostRule, HostRules},
    redact::{MAX_QUERY_BYTES, PatternError, QueryRedaction},
    status::StatusRanges,
    url::{url, url_with_query},
};
