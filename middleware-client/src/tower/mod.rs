//! Tracing for any tower service over `http::Request`.

mod error;
mod future;
mod layer;
mod service;

pub use self::{future::ResponseFuture, layer::ClientTraceLayer, service::ClientTrace};
