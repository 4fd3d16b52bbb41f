//! What both middlewares decide about HTTP: they ask here and only record.

pub mod client;
pub mod host;
pub mod server;
mod status;
mod url;

pub use self::{
    host::{Endpoint, HostRule, HostRules},
    status::StatusRanges,
    url::url,
};
