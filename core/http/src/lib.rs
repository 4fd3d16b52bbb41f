//! The HTTP exchange that `packdog-server` and `packdog-client` share.
//!
//! Applications depend on one of these two packages, never on this one: its API may change in any
//! release, and each middleware names the exact version that it was made with.
//!
//! - [`destination`] says where a request goes, [`request`] how its span is named.
//! - [`grpc`] knows which exchanges are gRPC calls, and what became of them.
//! - [`BodyProgress`] knows when a body of declared length is complete.
//! - [`endpoint()`] and [`url()`] show paths and URLs without what varies or is secret.

pub mod destination;
mod endpoint;
pub mod grpc;
mod progress;
pub mod request;
mod url;

pub use self::{
    endpoint::endpoint,
    progress::BodyProgress,
    url::{url, url_with_query},
};
