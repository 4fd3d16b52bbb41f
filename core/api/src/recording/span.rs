//! A handle to a span: nothing, passing or recording.

use std::{fmt, sync::Arc};

use smol_str::SmolStr;

use super::{Passing, Record, Recorder, SpanSampling, Trace, Tracer};
use crate::values::{Baggage, SpanContext, SpanId, TagRef, TagValue, TraceId};

/// A handle to a span, for its tags, context, errors and baggage. It is cheap to clone and to send.
///
/// A handle is in one of three states. *Recording*: a span of this process, which will be sent.
/// *Passing*: a received context and its baggage, which are passed on while nothing is recorded.
/// *Nothing*: every call on it does nothing; [`current_span`](crate::current_span) returns it if
/// there is no span.
///
/// Dropping a handle never finishes a span; dropping its [`OwnedSpan`](crate::OwnedSpan) does.
/// After a span has finished, its context and tags can still be read; writing has no effect. A span
/// that is lost because too many bytes are held keeps its context and loses its tags.
///
/// ```
/// # use packdog_api as packdog;
/// use packdog::{Span, current_root_span, current_span, span};
///
/// fn slice() {
///     current_span().set_tag("slices", 12); // Wherever it is called.
///     current_root_span().set_tag("customer", "regular");
/// }
///
/// span("bread.slice").in_scope(|_| slice());
/// slice(); // No span is current: nothing happens.
/// ```
#[derive(Clone, Default)]
pub struct Span(pub(crate) Kind);

#[derive(Clone, Default)]
pub(crate) enum Kind {
    #[default]
    Nothing,
    Passing(Arc<Passing>),
    Recording(Recording),
}

#[derive(Clone)]
pub(crate) struct Recording {
    pub(crate) record: Arc<Record>,
    pub(crate) trace: Arc<Trace>,
}

impl Span {
    /// Returns a handle to no span.
    pub const fn nothing() -> Self {
        Self(Kind::Nothing)
    }

    pub(crate) fn passing_of(tracer: &Tracer, context: SpanContext, is_ignored: bool) -> Self {
        if !tracer.is_enabled() {
            return Self::nothing();
        }
        Self(Kind::Passing(Arc::new(Passing::new(context, tracer.clone(), is_ignored))))
    }

    /// Whether this is a span of this process that will be sent.
    #[inline]
    pub fn is_recording(&self) -> bool {
        self.recording().is_some()
    }

    /// Whether every call on this handle does nothing.
    #[inline]
    pub fn is_nothing(&self) -> bool {
        matches!(self.0, Kind::Nothing)
    }

    /// Returns the trace of this span, or the one that is passed on.
    #[inline]
    pub fn trace_id(&self) -> Option<TraceId> {
        match &self.0 {
            Kind::Nothing => None,
            Kind::Passing(passing) => passing.remote().trace_id(),
            Kind::Recording(span) => Some(span.trace.id),
        }
    }

    /// Returns the id of this span, or of the remote span that is passed on.
    #[inline]
    pub fn span_id(&self) -> Option<SpanId> {
        match &self.0 {
            Kind::Nothing => None,
            Kind::Passing(passing) => passing.remote().span_id(),
            Kind::Recording(span) => Some(span.record.id),
        }
    }

    /// Returns the context from which other spans continue. Makes no sampling decision.
    pub fn context(&self) -> SpanContext {
        match &self.0 {
            Kind::Nothing => SpanContext::new(),
            Kind::Passing(passing) => passing.context(),
            Kind::Recording(span) => span.context(),
        }
    }

    /// Returns the sampling of this span's trace, as far as it is known. Makes no decision.
    ///
    /// ```
    /// # let span = packdog_api::current_span();
    /// let is_kept = span.sampling().priority.is_some_and(|priority| priority.is_kept());
    /// # assert!(!is_kept);
    /// ```
    pub fn sampling(&self) -> SpanSampling {
        match &self.0 {
            Kind::Nothing => SpanSampling::default(),
            Kind::Passing(passing) => {
                let context = passing.remote();
                SpanSampling::new(context.sampling_priority(), context.trace_tags(), None, &[])
            }
            Kind::Recording(span) => span.trace.sampling(),
        }
    }

    /// Returns the first span of the trace in this process; a passing span is its own root.
    pub fn root(&self) -> Span {
        match &self.0 {
            Kind::Recording(span) => Self(Kind::Recording(Recording {
                record: Arc::clone(span.trace.root()),
                trace: Arc::clone(&span.trace),
            })),
            _ => self.clone(),
        }
    }

    /// Returns the value of a tag, also after the span has finished.
    pub fn tag(&self, key: &str) -> Option<TagValue<'static>> {
        let state = self.recording()?.record.state();
        state.tags.get(key).map(TagRef::to_value)
    }

    /// Returns the service, also after the span has finished; empty unless the span records.
    pub fn service(&self) -> String {
        self.recording().map(|span| span.record.state().service.to_string()).unwrap_or_default()
    }

    /// Returns the resource, also after the span has finished; empty unless the span records.
    pub fn resource(&self) -> String {
        let Some(span) = self.recording() else { return String::new() };
        let state = span.record.state();
        state.resource.as_ref().unwrap_or(&state.name).to_string()
    }

    pub(super) fn recording(&self) -> Option<&Recording> {
        match &self.0 {
            Kind::Recording(span) => Some(span),
            _ => None,
        }
    }

    /// Reads or changes the baggage, which a finished span can still pass on; `None` without a span.
    pub(crate) fn with_baggage<T>(&self, access: impl FnOnce(&mut Baggage) -> T) -> Option<T> {
        match &self.0 {
            Kind::Nothing => None,
            Kind::Passing(passing) => Some(passing.with_baggage(access)),
            Kind::Recording(span) => Some(span.record.with_baggage(access)),
        }
    }

    /// Returns the tracer of this span; `None` without a span.
    #[doc(hidden)]
    pub fn tracer(&self) -> Option<Tracer> {
        match &self.0 {
            Kind::Nothing => None,
            Kind::Passing(passing) => Some(passing.tracer.clone()),
            Kind::Recording(span) => Some(Tracer::of(Arc::clone(&span.trace.backing))),
        }
    }

    /// Returns the implementation behind the tracer of this span.
    pub(crate) fn recorder(&self) -> Option<&dyn Recorder> {
        match &self.0 {
            Kind::Nothing => None,
            Kind::Passing(passing) => passing.tracer.recorder(),
            Kind::Recording(span) => Some(span.trace.recorder()),
        }
    }
}

impl Recording {
    pub(super) fn context(&self) -> SpanContext {
        let baggage = self.record.with_baggage(|baggage| baggage.clone());
        self.trace.context(&self.record, baggage)
    }
}

/// Only the name and the ids, because handles are printed in log lines and tags.
impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(trace_id), Some(span_id)) = (self.trace_id(), self.span_id()) else {
            return f.write_str("Span(none)");
        };
        let name = match self.recording() {
            Some(span) => span.record.state().name.clone(),
            None => SmolStr::new_static("passing"),
        };
        write!(f, "Span({name} {trace_id} {span_id})")
    }
}
