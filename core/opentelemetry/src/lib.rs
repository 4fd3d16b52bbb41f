//! OpenTelemetry's tracing API on the spans of packdog.
//!
//! Code and libraries that are instrumented with the crate `opentelemetry` join the traces of
//! packdog, unchanged: their spans are spans of packdog, and both APIs see the same current span and
//! the same baggage. It is not an exporter and needs no SDK of OpenTelemetry: packdog samples the
//! spans and delivers them to the Datadog Agent. Metrics and logs are not part of it.
//!
//! ```no_run
//! use opentelemetry::{global, trace::Tracer};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let _packdog = packdog::init()?;
//!     packdog_opentelemetry::install()?;
//!     global::tracer("bakery").in_span("bread.bake", |_cx| {
//!         // Spans of packdog that start here are children.
//!     });
//!     Ok(())
//! }
//! ```
//!
//! - [`install`] sets the globals; [`TracerProvider`] and [`Propagator`] can also be used alone.
//! - A [`Span`] records the calls of OpenTelemetry's API as Datadog's fields and tags; see
//!   [below](#mapping).
//! - [`share_current_span`] lets each API see the span that the other one made current.
//!
//! # Mapping
//! | OpenTelemetry | Datadog |
//! |---|---|
//! | name | resource |
//! | kind and attributes | operation name, such as `http.server.request`, `postgresql.query`, `kafka.receive`; type |
//! | kind | tag `span.kind` |
//! | attribute | tag; an array is one tag for each element, `key.0`, `key.1`, … |
//! | attributes `operation.name`, `service.name`, `resource.name`, `span.type` | these fields |
//! | attribute `analytics.event` | metric `_dd1.sr.eausr`, 1 or 0 |
//! | attribute `http.response.status_code` | tag `http.status_code` |
//! | attributes `manual.keep`, `manual.drop` | the decision about the trace |
//! | status | error mark, and `error.message` |
//! | event | span event; one named `exception` also fills `error.*` while the status is an error |
//! | link | span link |
//! | instrumentation scope | tags `otel.scope.name`, `otel.scope.version` |
//!
//! Later attributes can change the operation name, unless `operation.name` or packdog's API set it.
//! The status only moves from unset to error to `Ok`.
//!
//! # The current span
//! A span that packdog makes current by a scope, a future, a middleware or its layer for `tracing` is
//! the current span of OpenTelemetry's `Context`. The span of a context that is attached, or that a
//! future carries, is the current span of packdog. The scope that was entered last wins.
//!
//! There are limits:
//! - A `Context` is a snapshot: it does not show later baggage and sampling decisions. To see them,
//!   take a new one with `Context::current()` inside the span.
//! - Entering a span of packdog inside a closure of `Context::map_current` or `get_active_span`
//!   panics, as attaching a context there does. Take what you need out of the closure first.
//! - Values that an application puts into a `Context` travel only with `.with_context(cx)`, and the
//!   [tracer of a scope](packdog::Tracer::enter) only with packdog's `.in_span(span)`. Span and
//!   baggage travel with either. Use both where you need both.
//! - The live span of a bare `SpanContext` is found only while a `Context` with it, or the span
//!   itself, exists. Keep one of them.
//! - A tracer that was taken from `global` before [`install`] never records. Take it afterwards.
//! - Two versions of the crate `opentelemetry` in one build share no globals. `cargo tree -i
//!   opentelemetry` shows them.
//! - `tracing-opentelemetry` and packdog's own layer for `tracing` would each record every span of
//!   `tracing`. Use one of them.
//!
//! # Baggage
//! packdog's baggage belongs to a span, OpenTelemetry's to a context. A context that a scope of
//! packdog attaches has the baggage of the span at that moment. A span that starts below a context
//! starts with the baggage of its parent, and with what the context added, changed or removed. Items
//! that a context cannot hold stay with packdog's spans: those whose keys are not tokens, and those
//! beyond 64 items or 8192 bytes. Metadata of items is dropped.

#![cfg_attr(docsrs, feature(doc_cfg))]

// Files import from those below them in this list.
mod install;
mod provider;
mod tracer;

mod current;
mod propagator;

mod span;

mod baggage;
mod life;
mod notes;
mod registry;
mod w3c;

pub use self::{
    install::{InstallError, install, share_current_span},
    propagator::Propagator,
    provider::TracerProvider,
    span::Span,
    tracer::Tracer,
};

#[cfg(test)]
mod tests;

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
