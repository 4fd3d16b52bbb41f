//! The state between two requests: the tracer, spans and extracted contexts by their ids, the active span.
//!
//! Each request may come on another thread, so the active span is kept here and not in a scope.
//! Finished spans can still be named until the next flush.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::extract::State;
use packdog::{
    Config, Guard, Span, Tracer, internal,
    limits::Report,
    span::{Parent, SpanBuilder, SpanContext},
};
use serde::Serialize;

use crate::{id::Id, refusal::Refusal};

/// The state that every endpoint receives.
pub(crate) type Shared = State<Arc<Server>>;

/// One tracer, and its spans and contexts.
#[derive(Debug)]
pub(crate) struct Server {
    config: Config,
    guard: Guard,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    spans: HashMap<Id, Entry>,
    contexts: HashMap<Id, SpanContext>,
    active: Option<Id>,
    /// The lost spans that a flush has already reported.
    told_dropped: u64,
    invented: u64,
}

#[derive(Debug)]
struct Entry {
    span: Span,
    ids: Ids,
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

impl Server {
    pub(crate) fn new(config: Config, guard: Guard) -> Self {
        Self { config, guard, known: Mutex::default() }
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

    /// Starts a span below a span or an extracted context, or without a parent, and makes it the active one.
    pub(crate) fn start(&self, span: SpanBuilder, parent: Option<Id>) -> Result<Ids, Refusal> {
        let mut known = self.known();
        let (parent, local_parent) = match parent {
            None => (Parent::Nothing, None),
            Some(id) => known.parent(id)?,
        };
        let span = span.child_of(parent).start().release();
        // Where tracing is off, spans have no ids, and the suite still wants to name them.
        let span_id = span.span_id().map_or_else(|| known.invent(), |id| Id(id.to_u64()));
        let ids = Ids { span_id, trace_id: span.trace_id().map_or(0, |id| id.low()) };
        known.spans.insert(span_id, Entry { span, ids, parent: local_parent, is_finished: false });
        known.active = Some(span_id);
        Ok(ids)
    }

    /// Ends a span by `finish`; the active span is then the next one above that is open.
    pub(crate) fn finish(&self, id: Id, finish: impl FnOnce(&Span)) -> Result<(), Refusal> {
        let mut known = self.known();
        let entry = known.spans.get_mut(&id).ok_or(Refusal::UnknownSpan(id))?;
        entry.is_finished = true;
        finish(&entry.span);
        let mut above = entry.parent;
        while let Some(entry) = above.and_then(|id| known.spans.get(&id))
            && entry.is_finished
        {
            above = entry.parent;
        }
        known.active = above;
        Ok(())
    }

    /// The active span.
    pub(crate) fn active(&self) -> Option<Ids> {
        let known = self.known();
        Some(known.spans.get(&known.active?)?.ids)
    }

    /// Keeps an extracted context, and returns the id of the parent in it, or a new id if it has none.
    /// `None` if there is nothing in it.
    pub(crate) fn keep(&self, context: SpanContext) -> Option<Id> {
        if context.is_empty() {
            return None;
        }
        let mut known = self.known();
        let id = context.span_id().map_or_else(|| known.invent(), |id| Id(id.to_u64()));
        known.contexts.insert(id, context);
        Some(id)
    }

    /// The context of a span, or an extracted one.
    pub(crate) fn context(&self, id: Id) -> Result<SpanContext, Refusal> {
        let known = self.known();
        match known.contexts.get(&id) {
            Some(context) => Ok(context.clone()),
            None => {
                known.span(id).map(|span| span.context()).map_err(|_| Refusal::UnknownParent(id))
            }
        }
    }

    /// Sends and forgets all finished spans. Blocks, at most for `timeout`.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<Report, Refusal> {
        let report = self.guard.flush(timeout);
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

impl Known {
    fn span(&self, id: Id) -> Result<Span, Refusal> {
        self.spans.get(&id).map(|entry| entry.span.clone()).ok_or(Refusal::UnknownSpan(id))
    }

    /// The context that a new span continues, and the span of this process in it.
    fn parent(&self, id: Id) -> Result<(Parent, Option<Id>), Refusal> {
        if let Some(context) = self.contexts.get(&id) {
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
