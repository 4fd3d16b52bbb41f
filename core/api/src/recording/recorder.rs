//! The half of an implementation that begins traces, decides about them and takes their spans.

use std::{
    borrow::Cow,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::Instant,
};

use super::{Chunk, Decision, FinishedSpan, Settings};
use crate::{
    metrics::Metrics,
    misuse::Misuse,
    report::Report,
    values::{SamplingMechanism, SamplingPriority, SpanContext, TagValue, TraceId},
};

/// Begins traces and takes the spans that finish.
///
/// Unwind safe, so that applications can hold spans across `catch_unwind`.
pub trait Recorder: fmt::Debug + Send + Sync + UnwindSafe + RefUnwindSafe + 'static {
    /// Begins a trace in this process, or continues the one that came by headers.
    /// `None` records nothing of it.
    fn begin(&self, parent: &SpanContext) -> Option<TraceStart>;

    /// Takes finished spans. Must not block.
    fn collect(&self, chunk: Chunk);

    /// Decides whether a trace is kept; called at most once per trace, at its first injection or
    /// when its first spans leave. Must neither block nor start spans.
    ///
    /// Keeps every trace by default.
    fn decide(&self, trace_id: TraceId, root: &FinishedSpan<'_>) -> Decision {
        let _ = (trace_id, root);
        Decision::new(SamplingPriority::AUTO_KEEP, SamplingMechanism::DEFAULT)
    }

    /// Waits until all that was collected has been sent, or until `deadline`.
    ///
    /// By default there is nothing to wait for.
    fn flush(&self, deadline: Instant) -> Report {
        let _ = deadline;
        Report::default()
    }

    /// Flushes, and records nothing afterwards.
    ///
    /// Only flushes by default.
    fn shutdown(&self, deadline: Instant) -> Report {
        self.flush(deadline)
    }

    /// Counts finished spans that were dropped, because the tracer held too many bytes. Must
    /// neither block nor start spans.
    ///
    /// Does nothing by default.
    fn lost(&self, spans: u64) {
        let _ = spans;
    }

    /// Returns the counts of spans at this moment.
    ///
    /// Counts nothing by default.
    fn metrics(&self) -> Metrics {
        Metrics::default()
    }

    /// Counts or reports a call that did less than it says. Must neither block nor start spans.
    ///
    /// Does nothing by default.
    fn misused(&self, misuse: Misuse) {
        let _ = misuse;
    }

    /// Writes a warning for the people who run the application. Must not block.
    ///
    /// Does nothing by default.
    fn warn(&self, message: &dyn fmt::Display) {
        let _ = message;
    }
}

/// The settings of a trace that begins, and the tags of its local root.
#[derive(Debug)]
pub struct TraceStart {
    /// Shared by all traces until the configuration changes.
    pub settings: Arc<Settings>,
    /// Tags of the local root; they give way to those of the application.
    pub tags: Vec<(Cow<'static, str>, TagValue)>,
}

impl TraceStart {
    /// Returns a start with these settings and no tags.
    pub fn new(settings: Arc<Settings>) -> Self {
        Self { settings, tags: Vec::new() }
    }
}

/// Counts a misuse and tells the recorder of it. Never called with a lock held.
pub(crate) fn report(misuse: Misuse, recorder: Option<&dyn Recorder>) {
    misuse.add();
    if let Some(recorder) = recorder {
        recorder.misused(misuse);
    }
}
