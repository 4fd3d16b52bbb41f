//! The state that the local spans of one trace share, and the gathering of finished ones.
//!
//! Locks are taken in one direction only: sampling before a span's record, a parent's record
//! never together with its child's, and `gathered` alone. None is held while user code runs.

use std::sync::{Arc, Mutex, OnceLock};

use super::{Chunk, Clock, Decision, FinishedSpan, TraceTags, sampling::Sampling};
use crate::{
    baggage::Baggage,
    implementer::{Implementer, Settings},
    lock::lock,
    span::{Record, SamplingMechanism, SamplingPriority, SpanContext, TraceId},
};

#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) id: TraceId,
    pub(crate) clock: Clock,
    pub(crate) implementer: Arc<dyn Implementer>,
    /// What this process continues; empty if the trace began here.
    remote: SpanContext,
    partial_flush_min_spans: usize,
    /// The first span. A record never refers to its trace, so this is no cycle.
    root: OnceLock<Arc<Record>>,
    sampling: Mutex<Sampling>,
    gathered: Mutex<Gathered>,
}

/// Spans that finished but have not left, and how many are still open.
#[derive(Debug, Default)]
struct Gathered {
    open: usize,
    finished: Vec<Arc<Record>>,
}

impl Trace {
    pub(crate) fn begin(
        implementer: Arc<dyn Implementer>,
        settings: &Settings,
        mut remote: SpanContext,
    ) -> Self {
        let clock = Clock::start();
        let id = remote.trace_id.unwrap_or_else(|| {
            TraceId::random(clock.unix_seconds(), settings.has_wide_trace_ids())
        });
        let tags = std::mem::take(&mut remote.trace_tags);
        Self {
            id,
            clock,
            implementer,
            partial_flush_min_spans: settings.partial_flush_min_spans(),
            root: OnceLock::new(),
            sampling: Mutex::new(Sampling::received(remote.sampling_priority, tags)),
            gathered: Mutex::default(),
            remote,
        }
    }

    pub(crate) fn remote(&self) -> &SpanContext {
        &self.remote
    }

    pub(crate) fn root(&self) -> Option<&Arc<Record>> {
        self.root.get()
    }

    /// Counts a span as open; the first one is the local root.
    pub(crate) fn open(&self, record: &Arc<Record>) {
        self.root.get_or_init(|| Arc::clone(record));
        lock(&self.gathered).open += 1;
    }

    /// Takes a finished span; the last open one, or one too many, sends what is here.
    pub(crate) fn close(self: &Arc<Self>, record: &Arc<Record>) {
        let spans = {
            let mut gathered = lock(&self.gathered);
            gathered.open = gathered.open.saturating_sub(1);
            gathered.finished.push(Arc::clone(record));
            if gathered.open > 0 && gathered.finished.len() < self.partial_flush_min_spans {
                return;
            }
            std::mem::take(&mut gathered.finished)
        };
        self.decide();
        self.implementer.collect(Chunk::new(Arc::clone(self), spans));
    }

    /// Takes the sampling decision, unless there is one.
    pub(crate) fn decide(&self) {
        let mut sampling = lock(&self.sampling);
        if sampling.priority().is_none()
            && let Some(root) = self.root()
        {
            let decision = self.implementer.decide(self.id, &FinishedSpan::of(self, root));
            sampling.decide(decision);
        }
    }

    /// The application decides; the last call wins, also over what was received or sampled.
    pub(crate) fn decide_by_hand(&self, priority: SamplingPriority) {
        lock(&self.sampling).decide(Decision::new(priority, SamplingMechanism::MANUAL));
    }

    /// The context that one of the trace's spans hands on.
    pub(crate) fn context(&self, record: &Record, baggage: Baggage) -> SpanContext {
        let sampling = lock(&self.sampling);
        SpanContext {
            trace_id: Some(self.id),
            span_id: Some(record.id),
            is_local: true,
            sampling_priority: sampling.priority(),
            origin: self.remote.origin.clone(),
            trace_tags: sampling.tags().clone(),
            tracestate: self.remote.tracestate.clone(),
            last_parent_id: None,
            propagation_error: None,
            links: Vec::new(),
            baggage,
        }
    }

    /// About how much memory it takes, without its spans.
    pub(crate) fn memory_bytes(&self) -> usize {
        let trace_tags = lock(&self.sampling).tags().memory_bytes();
        size_of::<Self>() + trace_tags + self.remote.memory_bytes()
    }

    pub(crate) fn priority(&self) -> Option<SamplingPriority> {
        lock(&self.sampling).priority()
    }

    pub(crate) fn tags(&self) -> TraceTags {
        lock(&self.sampling).tags().clone()
    }

    pub(crate) fn root_metrics(&self) -> Vec<(&'static str, f64)> {
        lock(&self.sampling).root_metrics().to_vec()
    }
}
