//! Names of tags, as Datadog's products know them; no other place spells them out.

pub mod error;
pub mod http;
pub mod internal;
pub mod network;
pub mod rpc;

/// Which side of a call a span stands for.
pub const SPAN_KIND: &str = packdog_api::names::SPAN_KIND;
/// The library whose work a span shows, such as `axum`.
pub const COMPONENT: &str = "component";
/// The environment of the service, such as `prod`.
pub const ENV: &str = "env";
/// The version of the service.
pub const VERSION: &str = "version";
