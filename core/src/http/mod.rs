//! What both middlewares decide about HTTP: they ask here and only record.

pub mod client;
pub mod server;
mod status;
mod url;

pub use self::{status::StatusRanges, url::url};
