//! Tracing for any tower service over `http::Request`.

mod end;
mod future;
mod layer;
mod service;

pub use self::{
    end::{AtBodyEnd, AtHead, End},
    future::ResponseFuture,
    layer::ClientTraceLayer,
    service::ClientTrace,
};
