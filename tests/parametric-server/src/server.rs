//! The state between two requests: the tracer, spans and extracted contexts by their ids, the active span.
//!
//! Each request may come on another thread, so the active span is kept here and not in a scope.
//! Spans of both APIs share one set of ids, and a span of one is there for the other.
//! Finished spans can still be named until the next flush.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::extract::State;
use opentelemetry::{Context, global, propagation::Extractor};
use packdog::{
    Config, Guard, Span, Tracer, current_span, internal,
    limits::Report,
    span::{Parent, SpanBuilder, SpanContext},
};
use packdog_opentelemetry::TracerProvider;
use serde::Serialize;

use crate::{id::Id, refusal::Refusal};

/// The state that every endpoint receives.
pub(crate) type Shared = State<Arc<Server>>;

/// One tracer, and its spans and contexts.
#[derive(Debug)]
pub(crate) struct Server {
    config: Config,
    guard: Guard,
    provider: TracerProvider,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    spans: HashMap<Id, Entry>,
    contexts: HashMap<Id, Extracted>,
    active: Option<Id>,
    started: u64,
    /// The lost spans that a flush has already reported.
    told_dropped: u64,
    invented: u64,
}

/// The context that was extracted from headers, for both APIs.
#[derive(Debug)]
struct Extracted {
    context: SpanContext,
    cx: Context,
}

#[derive(Debug)]
struct Entry {
    span: Span,
    /// The context of a span that OpenTelemetry's API started, which owns the span, or of one whose
    /// baggage was set there.
    cx: Option<Context>,
    /// Whether OpenTelemetry's API started it.
    is_theirs: bool,
    /// Its place in the order of starts.
    started: u64,
    /// The parent in this process.
    parent: Option<Id>,
    is_finished: bool,
}

/// The ids that a reply gives for a span.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Ids {
    pub(crate) span_id: Id,
    /// The low 64 bits.
    trace_id: u64,
}

/// The ids of the active span: the trace as 32 hexadecimal digits. Zero without one.
#[derive(Debug, Serialize)]
pub(crate) struct ActiveIds {
    span_id: u64,
    trace_id: TraceIdText,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum TraceIdText {
    Digits(String),
    None(u64),
}

impl Entry {
    /// A context of the span.
    fn cx(&self) -> Context {
        self.cx.clone().unwrap_or_else(|| self.span.in_scope(Context::current))
    }
}

impl Server {
    pub(crate) fn new(config: Config, guard: Guard, provider: TracerProvider) -> Self {
        Self { config, guard, provider, known: Mutex::default() }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn tracer(&self) -> &Tracer {
        self.guard.tracer()
    }

    /// Whether the Agent has served `/info`. Blocks, at most for `timeout`.
    pub(crate) fn wait_for_agent(&self, timeout: Duration) -> bool {
        self.guard.wait_for_agent(timeout)
    }

    /// The span of this id, open or finished.
    pub(crate) fn span(&self, id: Id) -> Result<Span, Refusal> {
        self.known().span(id)
    }

    /// A context of the span of this id.
    pub(crate) fn cx(&self, id: Id) -> Result<Context, Refusal> {
        self.known().spans.get(&id).map(Entry::cx).ok_or(Refusal::UnknownSpan(id))
    }

    /// Replaces the context of a span.
    pub(crate) fn keep_cx(&self, id: Id, cx: Context) {
        if let Some(entry) = self.known().spans.get_mut(&id) {
            entry.cx = Some(cx);
        }
    }

    /// A context of a span or of an extracted one.
    pub(crate) fn target_cx(&self, id: Id) -> Result<Context, Refusal> {
        self.known().parent_cx(id).map(|(cx, _)| cx)
    }

    /// Starts a span below a span or an extracted context, or without a parent, and makes it the active one.
    pub(crate) fn start(&self, span: SpanBuilder, parent: Option<Id>) -> Result<Ids, Refusal> {
        let mut known = self.known();
        let (parent, local_parent) = match parent.filter(Id::is_some) {
            None => (Parent::Nothing, None),
            Some(id) => known.parent(id)?,
        };
        let span = span.child_of(parent).start().release();
        Ok(known.enter(span, None, local_parent))
    }

    /// Starts a span of OpenTelemetry's API in a context of its parent, or an empty one; `start`
    /// returns the context of the new span.
    pub(crate) fn start_opentelemetry(
        &self,
        parent: Option<Id>,
        start: impl FnOnce(&Context) -> Context,
    ) -> Result<Ids, Refusal> {
        let mut known = self.known();
        let (parent, local_parent) = match parent.filter(Id::is_some) {
            None => (Context::new(), None),
            Some(id) => known.parent_cx(id)?,
        };
        let cx = start(&parent);
        let span = {
            let _attached = cx.clone().attach();
            current_span()
        };
        Ok(known.enter(span, Some(cx), local_parent))
    }

    /// Ends a span by `finish`; the active span is then the next one above that is open, else the
    /// open one that was started last.
    pub(crate) fn finish(&self, id: Id, finish: impl FnOnce(&Span)) -> Result<(), Refusal> {
        let mut known = self.known();
        let entry = known.spans.get_mut(&id).ok_or(Refusal::UnknownSpan(id))?;
        let is_first = !std::mem::replace(&mut entry.is_finished, true);
        finish(&entry.span);
        if is_first {
            known.active = known.next_active(id);
        }
        Ok(())
    }

    /// The active span as `current` sees it, while it is current by the API that started it.
    pub(crate) fn active(&self, current: impl FnOnce() -> Option<(u64, String)>) -> ActiveIds {
        let entry = {
            let known = self.known();
            let active = known.active.and_then(|id| known.spans.get(&id));
            active.map(|entry| (entry.span.clone(), entry.cx.clone().filter(|_| entry.is_theirs)))
        };
        let ids = match entry {
            Some((_, Some(cx))) => {
                let _attached = cx.attach();
                current()
            }
            Some((span, None)) => span.in_scope(current),
            None => current(),
        };
        match ids {
            Some((span_id, trace_id)) => {
                ActiveIds { span_id, trace_id: TraceIdText::Digits(trace_id) }
            }
            None => ActiveIds { span_id: 0, trace_id: TraceIdText::None(0) },
        }
    }

    /// Reads headers by both APIs and keeps the context; returns the id of the parent in it, or a
    /// new id if it has none. `None` if there is nothing in it.
    pub(crate) fn extract(&self, headers: &[(String, String)]) -> Option<Id> {
        let context = self.tracer().extract(&headers.to_vec());
        if context.is_empty() {
            return None;
        }
        let cx = global::get_text_map_propagator(|propagator| {
            propagator.extract_with_context(&Context::new(), &Lines(headers))
        });
        let mut known = self.known();
        let id = context.span_id().map_or_else(|| known.invent(), |id| Id(id.to_u64()));
        known.contexts.insert(id, Extracted { context, cx });
        Some(id)
    }

    /// The context of a span, or an extracted one.
    pub(crate) fn context(&self, id: Id) -> Result<SpanContext, Refusal> {
        let known = self.known();
        match known.contexts.get(&id) {
            Some(extracted) => Ok(extracted.context.clone()),
            None => {
                known.span(id).map(|span| span.context()).map_err(|_| Refusal::UnknownParent(id))
            }
        }
    }

    /// Sends and forgets all finished spans. Blocks, at most for `timeout`.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<Report, Refusal> {
        self.forget_finished(self.guard.flush(timeout))
    }

    /// The same by the provider of OpenTelemetry's API.
    pub(crate) fn flush_opentelemetry(&self, timeout: Duration) -> Result<Report, Refusal> {
        self.forget_finished(self.provider.force_flush(timeout))
    }

    fn forget_finished(&self, report: Report) -> Result<Report, Refusal> {
        let mut known = self.known();
        known.spans.retain(|_, entry| !entry.is_finished);
        known.contexts.clear();
        let is_delivered = report.is_complete() && report.dropped == known.told_dropped;
        known.told_dropped = report.dropped;
        if is_delivered { Ok(report) } else { Err(Refusal::Undelivered(report)) }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        internal::lock(&self.known)
    }
}

/// Header lines as OpenTelemetry's propagators read them.
struct Lines<'a>(&'a [(String, String)]);

impl Extractor for Lines<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.get_all(key)?.first().copied()
    }

    fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let lines = self.0.iter().filter(|(name, _)| name == key);
        let values: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then_some(values)
    }
}

impl Known {
    /// Enters a new span, which is then the active one.
    fn enter(&mut self, span: Span, cx: Option<Context>, parent: Option<Id>) -> Ids {
        // Where tracing is off, spans have no ids, and the suite still wants to name them.
        let span_id = span.span_id().map_or_else(|| self.invent(), |id| Id(id.to_u64()));
        let ids = Ids { span_id, trace_id: span.trace_id().map_or(0, |id| id.low()) };
        self.started += 1;
        let (is_theirs, started) = (cx.is_some(), self.started);
        let entry = Entry { span, cx, is_theirs, started, parent, is_finished: false };
        self.spans.insert(span_id, entry);
        self.active = Some(span_id);
        ids
    }

    /// The active span after this one finished.
    fn next_active(&self, finished: Id) -> Option<Id> {
        let mut above = self.spans.get(&finished)?.parent;
        while let Some(entry) = above.and_then(|id| self.spans.get(&id))
            && entry.is_finished
        {
            above = entry.parent;
        }
        let open = || self.spans.iter().filter(|(_, entry)| !entry.is_finished);
        above.or_else(|| open().max_by_key(|(_, entry)| entry.started).map(|(id, _)| *id))
    }

    /// The context in which a new span of OpenTelemetry's API starts, and the span of this process
    /// in it.
    fn parent_cx(&self, id: Id) -> Result<(Context, Option<Id>), Refusal> {
        if let Some(extracted) = self.contexts.get(&id) {
            return Ok((extracted.cx.clone(), None));
        }
        let entry = self.spans.get(&id).ok_or(Refusal::UnknownParent(id))?;
        Ok((entry.cx(), Some(id)))
    }

    fn span(&self, id: Id) -> Result<Span, Refusal> {
        self.spans.get(&id).map(|entry| entry.span.clone()).ok_or(Refusal::UnknownSpan(id))
    }

    /// The context that a new span continues, and the span of this process in it.
    fn parent(&self, id: Id) -> Result<(Parent, Option<Id>), Refusal> {
        if let Some(Extracted { context, .. }) = self.contexts.get(&id) {
            return Ok((context.into(), None));
        }
        let span = self.span(id).map_err(|_| Refusal::UnknownParent(id))?;
        Ok((span.into(), Some(id)))
    }

    /// An id that no span of this process has: theirs are below 2^63.
    fn invent(&mut self) -> Id {
        self.invented += 1;
        Id(u64::MAX - self.invented)
    }
}
