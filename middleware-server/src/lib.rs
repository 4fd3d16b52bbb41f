//! Datadog tracing for servers: a tower layer that opens a span for each request, continues the
//! caller's trace and baggage, and keeps the span open until the answer has left.
//!
//! It is no server and no router: it wraps any tower service that answers `http` requests, such
//! as an axum router, a hyper service or a tonic server. It sends nothing itself; spans go where
//! the [`Tracer`](packdog::Tracer) of the application sends them.
//!
//! - [`ServerTraceLayer`] is the layer; [`ServerTrace`] is the service that it makes.
//! - The span is current in the handler, in the layers inside, and while the body is streamed.
//! - It ends with the last frame or trailer, with an error, or when the client hangs up.
//! - [`Ingress`] says whose traces are continued and whose baggage comes in.
//! - A [`SpanError`] in a response tells the span what went wrong; which answers are failures is
//!   said by [`ErrorStatuses`] or another classifier of `tower-http`.
//! - A [`Handshake`] opens the spans of the messages of a WebSocket.
//! - `ActiveSpan`, `RootSpan`, `ActiveBaggage`, `BaggageValue` and `TraceContext` hand spans and
//!   baggage to axum handlers.
//!
//! ```
//! use http::{Request, Response};
//! use packdog_server::ServerTraceLayer;
//! use tower::{Layer, service_fn};
//!
//! let hello = service_fn(|_request: Request<String>| async {
//!     packdog::current_span().set_tag("greeting", "hello");
//!     Ok::<_, std::convert::Infallible>(Response::new(String::from("hello")))
//! });
//! let traced = ServerTraceLayer::new().layer(hello);
//! # let _ = traced;
//! ```
//!
//! # Features
//! - `axum` (default): routes in resources, and extractors for handlers.
//! - `connect-info`: the peer's address from axum's `ConnectInfo`.
//! - `tonic`: the peer's address from tonic servers.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod classify;
mod config;
#[cfg(feature = "axum")]
mod extract;
mod future;
mod ignore;
mod ingress;
mod layer;
mod measure;
mod open;
mod request;
mod route;
#[cfg(feature = "axum")]
mod router;
mod service;
mod side;
mod span_error;
mod upgrade;

#[cfg(feature = "axum")]
pub use self::extract::{
    ActiveBaggage, ActiveSpan, BaggageValue, BaggageValueRejection, RootSpan, TraceContext,
};
#[cfg(feature = "axum")]
pub use self::router::{TracedRouter, TracedRouterFuture};
pub use self::{
    body::ResponseBody,
    classify::ErrorStatuses,
    future::ResponseFuture,
    ingress::{Acceptance, Ingress},
    layer::ServerTraceLayer,
    request::{PeerAddr, RequestHead},
    service::ServerTrace,
    span_error::SpanError,
    upgrade::Handshake,
};
pub use packdog_http::ResponseHead;

/// The examples of the README, compiled as tests.
#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
