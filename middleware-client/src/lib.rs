//! Datadog tracing for HTTP clients: a span for each call, whose trace and baggage travel along.
//!
//! With `packdog::init()` at the start of `main`:
//!
#![cfg_attr(feature = "reqwest", doc = "```no_run")]
#![cfg_attr(not(feature = "reqwest"), doc = "```text")]
//! use packdog_client::ClientTraceMiddleware;
//!
//! # async fn call() -> reqwest_middleware::Result<()> {
//! let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
//!     .with(ClientTraceMiddleware::new())
//!     .build();
//! let response = client.get("http://pantry/ingredients").send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! - `ClientTraceMiddleware` (feature `reqwest`) is a middleware for reqwest-middleware.
//! - [`ClientTraceLayer`] is a tower layer for any service over `http::Request`: hyper-util's
//!   client, tonic's channels, axum as a gateway. [`ClientTrace`] is the service that it makes.
//!
//! Both open a span named `http.request` (`grpc.client` for gRPC calls) as a child of the current
//! span, or begin a trace if there is none, and write headers into the request. [`Egress`] decides
//! which headers the host gets; by default, **only local hosts get baggage**.
//! The span is current while the call is under way. It ends with the head of the response or, after
//! `until_body_end`, with its body; neither response nor error is changed. A call that the caller
//! drops before that is tagged `http.request.cancelled`.
//!
//! To change the settings for one call, put [`CallOptions`] into the request's extensions.
//! Below a span that is [ignored](packdog::Span::ignored), nothing is recorded, but context and
//! baggage are forwarded. Calls to the Datadog Agent are not traced.
//!
//! It is not an HTTP client, and sends no spans itself: the application's tracer does.
//! For other clients, [`Egress::inject`] writes the headers.
//!
//! The type of a traced client, for structs that store one, is `ClientTrace<S>`, or
//! `ClientTrace<S, AtBodyEnd>` after `until_body_end`:
//!
//! ```
//! use packdog_client::{AtBodyEnd, ClientTrace, ClientTraceLayer};
//! use tower::Layer;
//!
//! struct Pantry<S> {
//!     http: ClientTrace<S>,
//!     grpc: ClientTrace<S, AtBodyEnd>, // Made with `until_body_end`.
//! }
//!
//! fn pantry<S: Clone>(service: S) -> Pantry<S> {
//!     let http = ClientTraceLayer::new().layer(service.clone());
//!     let grpc = ClientTraceLayer::new().until_body_end().layer(service);
//!     Pantry { http, grpc }
//! }
//! # drop(pantry(()));
//! ```
//!
//! # Features
//! - `reqwest`: `ClientTraceMiddleware`.
//! - `hyper-util`: the kind and causes of errors of hyper-util's client, which are otherwise only a
//!   message.
//! - `tower-http`: [`Egress`] as a policy for redirects that tower-http follows.
//!
//! With `reqwest` or `hyper-util`, timeouts of tower's `timeout` layer are recognized too.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod attempts;
mod body;
mod egress;
mod options;
#[cfg(feature = "reqwest")]
mod reqwest;
mod settings;
mod side;
mod tower;
mod tracing;

#[cfg(feature = "reqwest")]
pub use self::reqwest::ClientTraceMiddleware;
pub use self::{
    body::ResponseBody,
    egress::{Egress, MAX_WITHHELD_HOSTS, Withheld},
    options::CallOptions,
    tower::{AtBodyEnd, AtHead, ClientTrace, ClientTraceLayer, End, ResponseFuture},
    tracing::CallHead,
};

pub use packdog_http::ResponseHead;

/// The examples of the README, which use all features.
#[cfg(all(doctest, feature = "reqwest"))]
#[doc = include_str!("../README.md")]
struct Readme;
