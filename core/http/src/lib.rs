//! The HTTP exchange that `packdog-server` and `packdog-client` share.
//!
//! Applications depend on one of these two packages, never on this one: its API may change in any
//! release, and each middleware names the exact version that it was made with.
//!
//! - An [`Exchange`] is a request and its response with their span. It records the response,
//!   frames, the end and errors; dropping it before the end means that it was cancelled.
//! - A [`Side`] is the difference between a server and a client.
//! - An [`ExchangeFuture`] is the future of a response that keeps its exchange.
//! - An [`ExchangeBody`] is a response body that reports frames and its end to its exchange.
//! - A [`Verdict`] says whether a response is a [`Failure`]; [`grpc`] has its own rule.
//! - A [`ResponseHook`] is code of the application that sees a [`ResponseHead`] with the span.
//! - A [`BaggageFilter`] narrows the baggage that comes in or goes out.
//! - [`destination`] is the target of a request, and [`request`] the name, resource and tags of its
//!   span.
//! - [`endpoint()`] and [`url()`] return paths without variable segments and URLs without secrets.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod baggage;
mod body;
pub mod destination;
mod endpoint;
mod error;
mod exchange;
mod future;
pub mod grpc;
mod hook;
mod host;
mod lent;
mod progress;
mod redacted;
pub mod request;
mod scratch;
mod side;
mod status;
mod url;

pub use self::{
    baggage::BaggageFilter,
    body::ExchangeBody,
    endpoint::endpoint,
    error::record_as as record_error,
    exchange::Exchange,
    future::ExchangeFuture,
    hook::{ResponseHead, ResponseHook},
    lent::LentEndpoint,
    side::Side,
    status::{Failure, Verdict},
    url::{url, url_with_query},
};
