//! How a span is opened: name first, then what is known beforehand, then `start`.

use std::{
    borrow::Cow,
    sync::{Arc, Weak},
    time::SystemTime,
};

use super::{
    Kind, OwnedSpan, Passing, Record, Recording, Span, SpanContext, SpanId, SpanKind, SpanLink,
    State, TagValue,
    record::{ManualDecision, child_of},
};
use crate::{
    implementer::Begun,
    scope,
    trace::{Trace, unix_nanos},
    tracer::{Tracer, is_dormant},
};

/// A span to be started; made by [`span`](crate::span), [`Span::child`] and
/// [`Tracer::span`].
///
/// Unless told otherwise, the span becomes a child of the current span, with its service and its
/// baggage; where there is none, it begins a new trace.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct SpanBuilder {
    /// `None` while no tracer exists in this process: then nothing is kept.
    state: Option<Box<State>>,
    manual: ManualDecision,
    tracer: Option<Tracer>,
    parent: Parent,
}

/// What a new span continues.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Parent {
    /// The current span, or nothing if there is none.
    #[default]
    Current,
    /// Nothing: the span begins a new trace.
    Nothing,
    /// This span.
    Span(Span),
    /// A context, as extraction gives it.
    Context(SpanContext),
}

impl From<&Span> for Parent {
    fn from(span: &Span) -> Self {
        Self::Span(span.clone())
    }
}

impl From<&OwnedSpan> for Parent {
    fn from(span: &OwnedSpan) -> Self {
        Self::Span(span.handle())
    }
}

impl From<Span> for Parent {
    fn from(span: Span) -> Self {
        Self::Span(span)
    }
}

impl From<&SpanContext> for Parent {
    fn from(context: &SpanContext) -> Self {
        Self::Context(context.clone())
    }
}

impl From<SpanContext> for Parent {
    fn from(context: SpanContext) -> Self {
        Self::Context(context)
    }
}

impl SpanBuilder {
    pub(crate) fn new(name: impl Into<Cow<'static, str>>) -> Self {
        let state = (!is_dormant()).then(|| {
            let mut state = Box::<State>::default();
            state.set_name(name);
            state
        });
        Self { state, manual: None, tracer: None, parent: Parent::Current }
    }

    /// The tracer of the trace, if this span begins one.
    pub fn tracer(mut self, tracer: &Tracer) -> Self {
        self.tracer = Some(tracer.clone());
        self
    }

    /// The parent: a span, an extracted context, or [`Parent::Nothing`] for a new trace.
    pub fn child_of(mut self, parent: impl Into<Parent>) -> Self {
        self.parent = parent.into();
        self
    }

    /// The service; that of the parent by default, or that of the tracer.
    pub fn service(self, service: impl Into<Cow<'static, str>>) -> Self {
        self.with(|state| state.set_service(service))
    }

    /// The resource, such as `GET /users/{id}`; the operation name by default.
    pub fn resource(self, resource: impl Into<Cow<'static, str>>) -> Self {
        self.with(|state| state.set_resource(resource))
    }

    /// The type, such as `web`, `http` or `sql`; empty by default.
    pub fn span_type(self, span_type: impl Into<Cow<'static, str>>) -> Self {
        self.with(|state| state.set_type(span_type))
    }

    /// The side of a call that the span stands for.
    pub fn kind(self, kind: SpanKind) -> Self {
        self.tag("span.kind", kind.as_str())
    }

    /// A tag, as by [`Span::set_tag`].
    pub fn tag(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<TagValue>) -> Self {
        if let Some(state) = &mut self.state {
            self.manual = state.set_tag(key.into(), value.into()).or(self.manual);
        }
        self
    }

    /// A link to a span of another trace.
    pub fn link(self, link: SpanLink) -> Self {
        self.with(|state| state.links.push(link))
    }

    /// When the span started; the moment of [`start`](SpanBuilder::start) by default.
    pub fn start_at(self, time: SystemTime) -> Self {
        self.with(|state| state.start = unix_nanos(time))
    }

    fn with(mut self, change: impl FnOnce(&mut State)) -> Self {
        if let Some(state) = &mut self.state {
            change(state);
        }
        self
    }

    /// Starts the span. It is not current until entered.
    pub fn start(self) -> OwnedSpan {
        let Some(state) = self.state else { return OwnedSpan::default() };
        let parent = match self.parent {
            Parent::Current => scope::current_span(),
            Parent::Span(span) => span,
            Parent::Nothing => Span::nothing(),
            Parent::Context(context) => {
                return owned(root(*state, self.tracer, context), self.manual);
            }
        };
        let span = match parent.0 {
            Kind::Nothing => root(*state, self.tracer, SpanContext::new()),
            Kind::Passing(passing) if passing.is_ignored => {
                Span(Kind::Passing(Arc::new(passing.child())))
            }
            Kind::Passing(passing) => {
                root(*state, Some(passing.tracer.clone()), Passing::context(&passing))
            }
            Kind::Recording(parent) => child(*state, &parent),
        };
        owned(span, self.manual)
    }

    /// Starts the span and calls `f` while it is current; the span ends with the call.
    pub fn in_scope<T>(self, f: impl FnOnce(&Span) -> T) -> T {
        let span = self.start();
        let _scope = span.enter();
        f(&span)
    }

    /// Starts the span and awaits `f` with the span current in every poll; the span ends with
    /// the future, also if that is dropped.
    pub async fn in_async_scope<T>(self, f: impl AsyncFnOnce(&Span) -> T) -> T {
        use crate::scope::InSpanExt;

        let span = self.start();
        let handle = span.handle();
        async { f(&handle).await }.in_span(span).await
    }
}

fn owned(span: Span, manual: ManualDecision) -> OwnedSpan {
    match manual {
        Some(priority) if priority.is_kept() => span.manual_keep(),
        Some(_) => span.manual_drop(),
        None => {}
    }
    OwnedSpan::new(span)
}

fn child(mut state: State, parent: &Recording) -> Span {
    {
        let parent_state = parent.record.state();
        if state.service.is_empty() {
            state.service = parent_state.service.clone();
        }
        state.baggage = parent_state.baggage.clone();
    }
    if state.start == 0 {
        state.start = parent.trace.clock.now();
    }
    open(state, Arc::clone(&parent.trace), child_of(&parent.record))
}

/// A span without a local parent: it begins a trace or continues that of `context`.
fn root(mut state: State, tracer: Option<Tracer>, mut context: SpanContext) -> Span {
    let tracer = tracer.unwrap_or_else(Tracer::current);
    let Some(implementer) = tracer.implementer() else { return Span::nothing() };
    let Some(Begun { settings, tags }) = implementer.begin(&context) else {
        return Span::nothing();
    };
    for (key, value) in tags {
        if state.tags.get(&key).is_none() {
            state.tags.set(key, value);
        }
    }
    if state.service.is_empty() {
        state.service = settings.service_text();
    }
    state.links.append(&mut context.links);
    state.baggage = std::mem::take(&mut context.baggage);
    let parent_id = context.span_id();
    let trace = Arc::new(Trace::begin(implementer, &settings, context));
    if state.start == 0 {
        state.start = trace.clock.unix_nanos();
    }
    open(state, trace, (parent_id, Weak::new()))
}

fn open(state: State, trace: Arc<Trace>, (parent_id, parent): super::record::Parentage) -> Span {
    let record = Arc::new(Record::new(SpanId::random(), parent_id, parent, state));
    trace.open(&record);
    Span(Kind::Recording(Recording { record, trace }))
}
