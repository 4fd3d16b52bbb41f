//! What both middlewares decide about HTTP: they ask here and only record.

pub mod client;
mod url;

pub use self::url::url;
