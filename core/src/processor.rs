//! A hook for finished traces, before they are sent: [`Config::with_processor`] sets it.
//!
//! It runs on a thread of the tracer. A trace in which it panics is dropped and counted.
//!
//! ```
//! use packdog::{Config, processor::Processed};
//!
//! let config = Config::new().with_processor(|trace| {
//!     if trace.spans().all(|span| span.resource() == "GET /health") {
//!         return Processed::Drop;
//!     }
//!     trace.edit_all(|span| span.remove_tag("user.email"));
//!     Processed::Send
//! });
//! ```

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use packdog_api::{SamplingPriority, TraceId, implementation::Chunk, internal::caught};

pub use packdog_api::implementation::{FinishedSpan, FinishedSpanEdit};

use crate::Config;

/// Spans of one trace that are sent together.
///
/// Usually these are all spans of the trace in this process. A long trace is sent in several parts,
/// each of which is processed for itself.
#[derive(Debug)]
pub struct FinishedTrace<'a>(&'a mut Chunk);

impl FinishedTrace<'_> {
    /// Returns the id of the trace.
    pub fn trace_id(&self) -> TraceId {
        self.0.trace_id()
    }

    /// Returns the sampling decision, which a processor cannot change.
    pub fn sampling_priority(&self) -> Option<SamplingPriority> {
        self.0.sampling_priority()
    }

    /// Returns the spans: the local root first, if it is here, and the others in the order of
    /// their start.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = FinishedSpan<'_>> {
        self.0.spans()
    }

    /// Changes the span at this place of [`spans`](FinishedTrace::spans).
    pub fn edit(&mut self, index: usize, edit: impl FnOnce(&mut FinishedSpanEdit<'_>)) {
        self.0.edit(index, edit);
    }

    /// Changes all spans, one after the other.
    pub fn edit_all(&mut self, mut edit: impl FnMut(&mut FinishedSpanEdit<'_>)) {
        for index in 0..self.0.len() {
            self.0.edit(index, &mut edit);
        }
    }
}

/// The fate of a processed trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processed {
    /// The trace is counted in the statistics, and sent unless sampling drops it.
    Send,
    /// The trace is dropped whole, and counted.
    Drop,
}

type Process = dyn Fn(&mut FinishedTrace<'_>) -> Processed + Send + Sync;

/// A function that sees each finished trace.
#[derive(Clone)]
pub(crate) struct Processor(Arc<Process>);

/// A panic of the function costs the trace that it had, which is dropped. So it may be called again.
impl UnwindSafe for Processor {}
impl RefUnwindSafe for Processor {}

impl Processor {
    /// Calls the function.
    ///
    /// # Errors
    /// It panicked.
    pub(crate) fn process(&self, chunk: &mut Chunk) -> Result<Processed, Panicked> {
        let mut trace = FinishedTrace(chunk);
        caught(|| (self.0)(&mut trace)).ok_or(Panicked)
    }
}

/// The function panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panicked;

impl fmt::Debug for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Processor")
    }
}

impl Config {
    /// Sets a function that sees each finished trace before it is sent: it can change or redact
    /// tags, or drop the trace.
    ///
    /// The function runs on a thread of the tracer, before statistics are computed and before
    /// traces that sampling does not keep are left out. It should not take long, because spans
    /// that find no room meanwhile are dropped. If it panics, the trace is dropped and counted, and
    /// the next one is processed as usual.
    ///
    /// Spans that the function makes itself are traces of their own, and come to it later. A flush or
    /// a shutdown that it calls returns at once, since it would wait for the function itself; the
    /// spans are sent afterwards.
    ///
    /// ```
    /// use packdog::{Config, processor::Processed};
    ///
    /// let config = Config::new().with_processor(|trace| {
    ///     if trace.spans().any(|span| span.resource() == "GET /health") {
    ///         return Processed::Drop;
    ///     }
    ///     trace.edit_all(|span| span.remove_tag("user.email"));
    ///     Processed::Send
    /// });
    /// ```
    pub fn with_processor(
        mut self,
        process: impl Fn(&mut FinishedTrace<'_>) -> Processed + Send + Sync + 'static,
    ) -> Self {
        self.processor = Some(Processor(Arc::new(process)));
        self
    }
}
