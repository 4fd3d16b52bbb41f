//! Datadog tracing for HTTP clients: a span per call, whose trace and baggage travel along.
//!
//! - [`ClientTraceLayer`] is a tower layer for any service over `http::Request`: hyper-util's
//!   client, tonic's channels, axum as a gateway.
//! - `ClientTraceMiddleware` (feature `reqwest`) is a middleware for reqwest-middleware.
//!
//! Both open a span named `http.request` below the current span, or begin a trace where there is
//! none, and write its headers into the request. The span is current while the call is under way
//! and ends with the head of the response; neither response nor error is changed.
//! A call that is given up before that is tagged `http.request.cancelled`.
//! Below a span that is [ignored](packdog::Span::ignored), nothing is recorded, and context and
//! baggage are passed on. Calls to the Datadog Agent are left alone.
//!
//! It is no HTTP client, and sends nothing: spans go where the application's tracer sends them.
//! For a client that is neither of these, [`Span::inject`](packdog::Span::inject) writes headers.
//!
//! # Features
//! - `reqwest`: `ClientTraceMiddleware`.
//! - `hyper-util`: the causes of connection errors of hyper-util's client, whose errors a layer
//!   can otherwise only print.

#[cfg(feature = "reqwest")]
mod reqwest;
mod span;
mod tower;

#[cfg(feature = "reqwest")]
pub use self::reqwest::ClientTraceMiddleware;
pub use self::tower::{ClientTrace, ClientTraceLayer, ResponseFuture};

/// The examples of the README, which use all features.
#[cfg(all(doctest, feature = "reqwest"))]
#[doc = include_str!("../README.md")]
struct Readme;
