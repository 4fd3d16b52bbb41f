//! The load of futures, streams, tasks and threads: a span, and the tracer of the scope.

use std::{fmt, thread};

use super::{SpanScope, current_tracer};
use crate::recording::{OwnedSpan, Span, Tracer};

/// A span that a future or a stream carries: either owned, and finished by the future, or a handle,
/// which finishes nothing.
pub struct CarriedSpan(Load);

enum Load {
    Owned(OwnedSpan),
    Handle(Span),
}

impl From<OwnedSpan> for CarriedSpan {
    fn from(span: OwnedSpan) -> Self {
        Self(Load::Owned(span))
    }
}

impl From<Span> for CarriedSpan {
    fn from(span: Span) -> Self {
        Self(Load::Handle(span))
    }
}

impl From<&Span> for CarriedSpan {
    fn from(span: &Span) -> Self {
        span.clone().into()
    }
}

/// A span to be made current elsewhere, with the tracer of the scope that it comes from.
pub(crate) struct CarriedScope {
    load: Load,
    tracer: Option<Tracer>,
}

impl CarriedScope {
    pub(crate) fn new(span: impl Into<CarriedSpan>) -> Self {
        Self { load: span.into().0, tracer: current_tracer() }
    }

    /// Makes the span current on this thread.
    pub(crate) fn enter(&self) -> SpanScope {
        let span = match &self.load {
            Load::Owned(span) => span,
            Load::Handle(span) => span,
        };
        SpanScope::enter_with(span.clone(), self.tracer.clone())
    }

    /// Marks an owned span if a panic unwinds through the returned guard: code that catches the
    /// panic may drop the span later, when the panic can no longer be seen.
    pub(crate) fn watch(&self) -> PanicWatch<'_> {
        match &self.load {
            Load::Owned(span) if !thread::panicking() => PanicWatch(Some(span)),
            _ => PanicWatch(None),
        }
    }

    /// Finishes the span, if it is owned.
    pub(crate) fn let_go(&mut self) {
        if let Load::Owned(span) = &self.load {
            self.load = Load::Handle(span.handle());
        }
    }
}

impl fmt::Debug for CarriedSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CarriedScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load.fmt(f)
    }
}

impl fmt::Debug for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owned(span) => span.fmt(f),
            Self::Handle(span) => span.fmt(f),
        }
    }
}

/// Made by [`CarriedScope::watch`].
pub(crate) struct PanicWatch<'a>(Option<&'a Span>);

impl Drop for PanicWatch<'_> {
    fn drop(&mut self) {
        if let Some(span) = self.0
            && thread::panicking()
        {
            span.mark_panic();
        }
    }
}
