//! How a trace and its baggage travel in headers: `datadog`, `tracecontext`, B3 and `baggage`.
//!
//! [`extract`] and [`inject`] read and write them with the current tracer. Behind it stands a
//! [`Propagator`]; [`PropagationConfig`] says which styles, in which order and with which limits. One module per header, in the order of this list:
//!
//! - `headers` finds the header lines, `digits` reads and writes their numbers;
//! - `datadog` with `tags_header`, `tracecontext` with `traceparent`, `tracestate` and
//!   `dd_member`, `b3`, `baggage` and `legacy_baggage` are the styles;
//! - `combine` makes one context of what several styles say about one request;
//! - `org_guard` says what of it is continued if it comes from another organisation.
//!
//! Nothing here fails a request: the worst that a header can do is to start a new trace.

mod byte_class;
mod digits;
mod headers;
mod outgoing;
mod split;
mod trace_tag;

mod b3;
mod baggage;
mod datadog;
mod dd_member;
mod legacy_baggage;
mod tags_header;
mod tracecontext;
mod traceparent;
mod tracestate;

mod combine;
mod error;
mod incoming;
mod malformed;
#[cfg(feature = "agent")] // The Agent names our organisation.
mod org_guard;
mod reconcile;

mod config;
mod propagator;
mod style;

#[cfg(feature = "agent")]
pub(crate) use self::org_guard::OrgGuard;
pub use self::{
    config::{BaggageTagKeys, ExtractBehavior, PropagationConfig, parse_limit},
    malformed::MalformedHeaders,
    propagator::Propagator,
    style::{HeaderKind, Style, Styles},
};
pub use packdog_api::propagation::{extract, inject};
