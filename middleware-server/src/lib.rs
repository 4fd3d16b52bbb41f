//! Datadog tracing for servers: a tower layer that opens a span for each request, continues the
//! caller's trace and baggage, and keeps the span open until the response ends.
//!
#![cfg_attr(feature = "axum", doc = "```no_run")]
#![cfg_attr(not(feature = "axum"), doc = "```text")]
//! use axum::{Router, extract::Path, routing::get};
//! use packdog_server::{ActiveSpan, ServerTraceLayer};
//!
//! async fn user(span: ActiveSpan, Path(id): Path<u64>) -> String {
//!     span.set_tag("user.id", id);
//!     format!("user {id}")
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let _packdog = packdog::init()?; // Flushes on drop.
//! let app = Router::new().route("/users/{id}", get(user)).layer(ServerTraceLayer::new());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, app).await?;
//! # Ok(())
//! # }
//! ```
//!
//! It is neither a server nor a router: it wraps any tower service over `http` requests, such as an axum
//! router, a hyper service or a tonic server. It sends nothing itself; spans go where the
//! [`Tracer`](packdog::Tracer) of the application sends them.
//!
//! - [`ServerTraceLayer`] is the layer; [`ServerTrace`] is the service that it makes.
//! - The span is current in the handler, in the layers inside, and while the body is streamed.
//! - It ends with the last frame or trailer, with an error, or when the client hangs up.
//! - [`Ingress`] decides which callers may continue a trace and set baggage.
//! - A [`ResponseError`] in the extensions of a response becomes the error of its span;
//!   [`ErrorStatuses`], or another classifier of `tower-http`, decides which responses are failures.
//! - A [`Handshake`] opens the spans of the messages of a WebSocket.
//! - The extractors `ActiveSpan`, `RootSpan`, `ActiveBaggage`, `BaggageValue` and `TraceContext` hand
//!   spans and baggage to axum handlers.
//!
//! Wrap any other service by hand:
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
mod forgotten;
mod future;
mod ignore;
mod ingress;
mod layer;
mod measure;
mod open;
mod request;
mod response_error;
mod route;
#[cfg(feature = "axum")]
mod router;
mod service;
mod side;
#[cfg(feature = "axum")]
mod unlayered;
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
    response_error::ResponseError,
    service::ServerTrace,
    upgrade::Handshake,
};
pub use packdog_http::ResponseHead;

/// The examples of the README, compiled as tests.
#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
