//! The settings that recording needs.

use std::{sync::Arc, time::Duration};

use smol_str::SmolStr;

use super::{MAX_HELD_BYTES, Unfinished, UnfinishedSpan};

/// 10 000: the most finished spans of one trace that wait for the others. At this number they are
/// sent, even if partial flush is off or set to a higher number.
pub const MAX_WAITING_SPANS: usize = 10_000;

/// The settings of the traces of a tracer.
#[derive(Clone, Debug)]
pub struct Settings {
    service: SmolStr,
    has_128_bit_trace_ids: bool,
    partial_flush_min_spans: usize,
    max_held_bytes: usize,
    unfinished: Option<Arc<Unfinished>>,
}

impl Settings {
    /// Returns the settings with this default service, 128-bit ids for new traces, and partial
    /// flush at 300 spans.
    pub fn new(service: &str) -> Self {
        Self {
            service: SmolStr::new(service),
            has_128_bit_trace_ids: true,
            partial_flush_min_spans: 300,
            max_held_bytes: MAX_HELD_BYTES,
            unfinished: None,
        }
    }

    /// Sets whether new traces get ids of 128 bits; of 64 otherwise.
    pub fn with_128_bit_trace_ids(mut self, has_128_bit_trace_ids: bool) -> Self {
        self.has_128_bit_trace_ids = has_128_bit_trace_ids;
        self
    }

    /// Sets the number of finished spans at which a trace sends them before it is complete; with
    /// `None`, only [`MAX_WAITING_SPANS`] applies.
    pub fn with_partial_flush(mut self, min_spans: Option<usize>) -> Self {
        self.partial_flush_min_spans =
            min_spans.map_or(MAX_WAITING_SPANS, |min_spans| min_spans.min(MAX_WAITING_SPANS));
        self
    }

    /// Sets the most bytes of finished spans that the tracer holds; [`MAX_HELD_BYTES`] by default.
    pub fn with_max_held_bytes(mut self, max_held_bytes: usize) -> Self {
        self.max_held_bytes = max_held_bytes;
        self
    }

    /// Watches open spans to find those that are open longer than this; `None`, the default, turns
    /// it off.
    ///
    /// For debugging: each span then takes a lock that all threads share.
    pub fn with_unfinished_after(mut self, after: Option<Duration>) -> Self {
        self.unfinished = after.map(|after| Arc::new(Unfinished::new(after)));
        self
    }

    /// Returns the spans that have been open too long, the oldest first, as
    /// [`Tracer::unfinished`](crate::Tracer::unfinished) does.
    pub fn unfinished(&self) -> Vec<UnfinishedSpan> {
        self.unfinished.as_ref().map(|unfinished| unfinished.list()).unwrap_or_default()
    }

    /// Returns the service of spans without a service of their own and without a local parent.
    pub fn service(&self) -> &str {
        &self.service
    }

    pub(crate) fn service_text(&self) -> SmolStr {
        self.service.clone()
    }

    pub(crate) fn has_128_bit_trace_ids(&self) -> bool {
        self.has_128_bit_trace_ids
    }

    pub(crate) fn partial_flush_min_spans(&self) -> usize {
        self.partial_flush_min_spans
    }

    pub(crate) fn watch(&self) -> Option<&Arc<Unfinished>> {
        self.unfinished.as_ref()
    }

    pub(crate) fn max_held_bytes(&self) -> usize {
        self.max_held_bytes
    }
}
