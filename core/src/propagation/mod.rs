//! Propagation of a trace and its baggage in headers: `datadog`, `tracecontext`, B3 and `baggage`.
//!
//! [`extract`] and [`inject`] read and write them with the [`Propagator`] of the current tracer;
//! [`PropagationConfig`] sets the styles, their order and the limits.
//!
//! A [`carrier`] holds the headers. They never make a request fail: a malformed one at worst starts
//! a new trace.

// One module per header: `headers` finds the header lines, `digits` reads and writes their numbers,
// `value_text` and `outgoing` collect the values that are written.
mod byte_class;
mod digits;
mod headers;
mod outgoing;
mod split;
mod template;
mod trace_tag;
mod value_text;

// The styles: `datadog` with `tags_header`; `tracecontext` with `traceparent`, `tracestate`,
// `dd_member` and `ot_member`; `b3`, `baggage` and `legacy_baggage`.
mod b3;
mod baggage;
mod datadog;
mod dd_member;
mod legacy_baggage;
mod ot_member;
mod tags_header;
mod tracecontext;
mod traceparent;
mod tracestate;

// `combine` makes one context of those that several styles read from one request; `org_guard`
// decides which part of a context from another organisation is continued.
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

#[doc(hidden)]
pub use self::tracecontext::{from_trace_context, to_tracestate};
pub use self::{
    config::{BaggageTagKeys, ExtractBehavior, PropagationConfig, parse_limit},
    malformed::MalformedHeaders,
    propagator::Propagator,
    style::{HeaderKind, Style, Styles},
};
#[cfg(feature = "agent")]
pub(crate) use self::{digits::Hex, org_guard::OrgGuard};
pub use packdog_api::{
    carrier,
    propagation::{extract, inject},
};
