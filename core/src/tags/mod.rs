//! Names of tags as Datadog's products define them; they are spelled only here.

pub mod error;
pub mod http;
pub mod internal;
pub mod network;
pub mod rpc;

/// The role of a span in a call.
pub const SPAN_KIND: &str = packdog_api::names::SPAN_KIND;
/// The library whose work a span describes, such as `axum`.
pub const COMPONENT: &str = "component";
/// The environment of the service, such as `prod`.
pub const ENV: &str = "env";
/// The version of the service.
pub const VERSION: &str = "version";
