//! The HTTP exchange that `packdog-server` and `packdog-client` share.
//!
//! Applications depend on one of these two packages, never on this one: its API may change in any
//! release, and each middleware names the exact version that it was made with.
//!
//! - An [`Exchange`] is a request and its response with their span. It hears of the response, of
//!   frames, of the end and of errors; dropping it before the end means that it was cancelled.
//! - A [`Side`] is the difference between a server and a client.
//! - An [`ExchangeBody`] is a response body that tells its exchange of frames and of its end.
//! - A [`Verdict`] says whether a response is a [`Failure`]; [`grpc`] has its own rule.
//! - A [`ResponseHook`] is code of the application that sees a [`ResponseHead`] with the span.
//! - A [`BaggageFilter`] narrows the baggage that comes in or goes out.
//! - [`destination`] says where a request goes, [`request`] how its span is named.
//! - [`endpoint()`] and [`url()`] show paths and URLs without what varies or is secret.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod baggage;
mod body;
pub mod destination;
mod endpoint;
mod error;
mod exchange;
pub mod grpc;
mod hook;
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
    hook::{ResponseHead, ResponseHook},
    side::Side,
    status::{Failure, Verdict},
    url::{url, url_with_query},
};
