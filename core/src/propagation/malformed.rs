//! Counts of malformed headers, which are ignored.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::headers::{B3, BAGGAGE, DATADOG_TAGS, DATADOG_TRACE_ID, TRACEPARENT, TRACESTATE};

/// The numbers of malformed headers that a propagator has received since it was made, by kind.
///
/// Headers of styles that are not read do not count, and neither do exceeded limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MalformedHeaders {
    /// `x-datadog-trace-id` with its parent id and sampling priority.
    pub datadog: u64,
    /// `x-datadog-tags`.
    pub datadog_tags: u64,
    /// `traceparent`.
    pub traceparent: u64,
    /// `tracestate`.
    pub tracestate: u64,
    /// `b3` or `x-b3-*`.
    pub b3: u64,
    /// `baggage`.
    pub baggage: u64,
}

impl MalformedHeaders {
    /// Returns each kind of header with its count.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            (DATADOG_TRACE_ID, self.datadog),
            (DATADOG_TAGS, self.datadog_tags),
            (TRACEPARENT, self.traceparent),
            (TRACESTATE, self.tracestate),
            (B3, self.b3),
            (BAGGAGE, self.baggage),
        ]
        .into_iter()
    }
}

/// The kinds of headers that are counted together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Header {
    Datadog,
    DatadogTags,
    Traceparent,
    Tracestate,
    B3,
    Baggage,
}

/// The counters behind [`MalformedHeaders`].
#[derive(Debug, Default)]
pub(super) struct Malformed {
    datadog: AtomicU64,
    datadog_tags: AtomicU64,
    traceparent: AtomicU64,
    tracestate: AtomicU64,
    b3: AtomicU64,
    baggage: AtomicU64,
}

impl Malformed {
    /// Returns the value; counts a malformed header on an error.
    pub(super) fn count<T, E>(&self, header: Header, parsed: Result<T, E>) -> Option<T> {
        if parsed.is_err() {
            self.add(header);
        }
        parsed.ok()
    }

    /// Counts a malformed header.
    pub(super) fn add(&self, header: Header) {
        let counter = match header {
            Header::Datadog => &self.datadog,
            Header::DatadogTags => &self.datadog_tags,
            Header::Traceparent => &self.traceparent,
            Header::Tracestate => &self.tracestate,
            Header::B3 => &self.b3,
            Header::Baggage => &self.baggage,
        };
        counter.fetch_add(1, Relaxed);
    }

    pub(super) fn read(&self) -> MalformedHeaders {
        MalformedHeaders {
            datadog: self.datadog.load(Relaxed),
            datadog_tags: self.datadog_tags.load(Relaxed),
            traceparent: self.traceparent.load(Relaxed),
            tracestate: self.tracestate.load(Relaxed),
            b3: self.b3.load(Relaxed),
            baggage: self.baggage.load(Relaxed),
        }
    }
}
