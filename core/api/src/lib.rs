//! The vocabulary of Datadog tracing for Rust libraries: spans, tags, errors and baggage.
//!
//! Libraries can be instrumented without imposing a tracer on their users: until the application
//! installs packdog, every call does nothing and costs one relaxed atomic load. This package is the
//! counterpart of Datadog's `ddtrace-api` for Python.
//!
//! It is not a tracer: it reads no configuration, makes no sampling decisions and sends nothing.
//! Applications depend on `packdog`, which re-exports all of this.
//!
//! - A [`Span`] is a handle to a span; [`current_span`] returns that of this thread or task.
//! - An [`OwnedSpan`] is an open span, which finishes when it is dropped; [`span`] starts one.
//! - A [`SpanContext`] is the part of a span that travels to other services.
//! - [`Baggage`] is the application's own data, which travels with it.
//! - [`propagation`] reads both from, and writes them to, any [`carrier`] of headers.
//! - [`thread`], futures and tasks carry the current span.
//! - A [`Tracer`] receives the spans; [`implementation`] is for packages that provide one.
//!
//! ```
//! use packdog_api::{current_span, span};
//!
//! fn make_sandwich(ingredients: &[&str]) {
//!     span("sandwich.make").in_scope(|span| {
//!         span.set_tag("num_ingredients", ingredients.len());
//!         spread_butter();
//!     });
//! }
//!
//! fn spread_butter() {
//!     current_span().set_tag("butter", true);
//! }
//! # make_sandwich(&["ham"]);
//! ```
//!
//! The docs of these items are shared with `packdog`, and their examples use its paths. In a library,
//! write `packdog_api::` instead, and leave out the modules `span`, `scope` and `limits`:
//! `packdog::span::SpanKind` is `packdog_api::SpanKind`. The same goes for paths in `clippy.toml`.
//!
//! If a build contains two incompatible versions of this package, libraries whose version is not that
//! of the application record nothing.
//!
//! # Features
//! - `macros` (default): the attribute `#[trace]`.
//! - `http`: `http::HeaderMap` as a carrier.
//! - `stream`: streams that carry a span.
//! - `tokio`: tasks that carry the current span.
//! - `tonic`: tonic's metadata as a carrier.

#![cfg_attr(docsrs, feature(doc_cfg))]

// In the order of their layers: each file imports only from those above it in this list.
mod awake;
mod metrics;
mod misuse;
#[doc(hidden)]
pub mod names;
mod packed_text;
mod pairs;
mod per_process;
mod process;
mod random;
mod render;
mod report;
mod shared_text;
mod sync;
mod text;
mod unix_time;

mod values;

pub mod carrier;

mod recording;
mod scope;
mod tracer;

pub mod implementation;
#[doc(hidden)]
pub mod internal;

#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod attribute;
pub mod propagation;
#[cfg(feature = "tokio")]
pub mod task;
pub mod thread;
mod trace_err;

#[cfg(test)]
mod recorder;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

#[cfg(feature = "stream")]
pub use self::scope::{StreamInSpan, StreamInSpanExt};
pub use self::{
    metrics::{DroppedSpans, Metrics},
    misuse::Misuse,
    recording::{
        MAX_BYTES_ON_EVERY_SPAN, MAX_EVENTS_PER_SPAN, MAX_LINKS_PER_SPAN, MAX_OPEN_SPANS,
        MAX_REMEMBERED_WARNINGS, MAX_TAGS_ON_EVERY_SPAN, MAX_TAGS_PER_SPAN, MAX_WATCHED_SPANS,
        OwnedSpan, Span, SpanError, SpanSampling, Tracer, UnfinishedSpan,
    },
    report::Report,
    scope::{
        CarriedSpan, InSpan, InSpanExt, SpanScope, TracerScope, current_ids, current_root_span,
        current_span,
    },
    trace_err::{TraceErr, TracedErr, TryInSpanExt},
    tracer::{EnteredSpan, Parent, SpanBaggage, SpanBuilder, set_tags},
    values::{
        Attribute, Baggage, BaggageItem, MAX_ATTRIBUTES, MAX_BAGGAGE_ITEM_BYTES, MAX_BAGGAGE_ITEMS,
        MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES, NotAnAttribute, SamplingMechanism,
        SamplingPriority, SpanContext, SpanEvent, SpanId, SpanKind, SpanLink, TagRef, TagValue,
        TraceId, TraceTags,
    },
};

#[cfg(feature = "macros")]
pub use packdog_macros::trace_api as trace;

/// Returns a builder for a span with this operation name.
///
/// The span becomes a child of the current span; if there is none, it begins a new trace.
///
/// ```
/// # use packdog_api as packdog;
/// let span = packdog::span("sandwich.create").resource("club").start();
/// span.finish();
/// ```
#[track_caller]
pub fn span(name: impl Into<Cow<'static, str>>) -> SpanBuilder {
    SpanBuilder::new(name)
}

/// The example of the README.
#[cfg(all(doctest, feature = "macros"))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod crossing {
    use std::panic::UnwindSafe;

    use super::*;

    fn crosses_threads<T: Send + Sync + UnwindSafe>(_: T) {}

    #[test]
    fn handles_and_their_carriers_cross_threads() {
        crosses_threads(Span::nothing());
        crosses_threads(OwnedSpan::default());
        crosses_threads(Tracer::disabled());
        crosses_threads(SpanContext::new());
        crosses_threads(Baggage::new());
        crosses_threads(span("root"));
        crosses_threads(std::future::ready(()).in_span(span("root")));
        crosses_threads(thread::carry(|| ()));
    }

    #[test]
    fn futures_of_this_package_can_be_spawned() {
        fn can_be_spawned(_: impl Future + Send + 'static) {}

        can_be_spawned(Tracer::disabled().flush_async(std::time::Duration::ZERO));
        can_be_spawned(span("root").in_async_scope(async |span| span.set_tag("key", 1)));
    }
}
