//! The half of an implementation that begins traces, makes sampling decisions and receives finished
//! spans.

use std::{
    fmt,
    panic::{Location, RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::Instant,
};

use super::{Chunk, Decision, FinishedSpan, RootTags, Settings};
use crate::{
    metrics::Metrics,
    misuse::Misuse,
    report::Report,
    values::{SamplingMechanism, SamplingPriority, SpanContext, TraceId},
};

/// Begins traces, makes sampling decisions and receives finished spans.
///
/// Unwind safe, so that applications can hold spans across `catch_unwind`.
pub trait Recorder: fmt::Debug + Send + Sync + UnwindSafe + RefUnwindSafe + 'static {
    /// Begins a trace in this process, or continues the one received in headers. Returns `None` to
    /// record nothing of it.
    fn begin(&self, parent: &SpanContext) -> Option<TraceStart>;

    /// Sets tags of the local root of a trace that begins, such as those that come as baggage. Must
    /// neither block nor start spans.
    ///
    /// Sets none by default.
    fn tag_root(&self, parent: &SpanContext, root: &mut RootTags<'_>) {
        let _ = (parent, root);
    }

    /// Receives finished spans. Must not block.
    fn collect(&self, chunk: Chunk);

    /// Makes the sampling decision of a trace. Called at most once per trace, at its first
    /// injection or when its first spans leave. Must neither block nor start spans.
    ///
    /// Keeps every trace by default.
    fn decide(&self, trace_id: TraceId, root: &FinishedSpan<'_>) -> Decision {
        let _ = (trace_id, root);
        Decision::new(SamplingPriority::AUTO_KEEP, SamplingMechanism::DEFAULT)
    }

    /// Waits until all collected spans have been sent, or until `deadline`.
    ///
    /// Returns at once by default.
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

    /// Counts finished spans that were dropped because the tracer held too many bytes. Must neither
    /// block nor start spans.
    ///
    /// Does nothing by default.
    fn lost(&self, spans: u64) {
        let _ = spans;
    }

    /// Returns the counts of spans at this moment.
    ///
    /// Returns zeros by default.
    fn metrics(&self) -> Metrics {
        Metrics::default()
    }

    /// Counts or logs a call that had no effect, or only part of it, with its place in the code
    /// where that is known. Must neither block nor start spans.
    ///
    /// Does nothing by default.
    fn misused(&self, misuse: Misuse, place: Option<&'static Location<'static>>) {
        let _ = (misuse, place);
    }

    /// Logs a warning for the operators of the application. Must not block.
    ///
    /// Does nothing by default.
    fn warn(&self, message: &dyn fmt::Display) {
        let _ = message;
    }
}

/// The settings of a trace that begins.
#[derive(Debug)]
pub struct TraceStart {
    /// Shared by all traces until the configuration changes.
    pub settings: Arc<Settings>,
}

impl TraceStart {
    /// Returns a start with these settings.
    pub fn new(settings: Arc<Settings>) -> Self {
        Self { settings }
    }
}

/// Counts a misuse and reports it to the recorder. Never called with a lock held.
pub(crate) fn report(misuse: Misuse, recorder: Option<&dyn Recorder>) {
    report_where(misuse, recorder, None);
}

/// Like [`report`], with the place of the call in the code of the application.
pub(crate) fn report_at(
    misuse: Misuse,
    recorder: Option<&dyn Recorder>,
    place: &'static Location<'static>,
) {
    report_where(misuse, recorder, Some(place));
}

fn report_where(
    misuse: Misuse,
    recorder: Option<&dyn Recorder>,
    place: Option<&'static Location<'static>>,
) {
    misuse.add();
    if let Some(recorder) = recorder {
        recorder.misused(misuse, place);
    }
}
