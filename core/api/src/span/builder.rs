//! How a span is opened: name first, then what is known beforehand, then `start`.

use std::{
    borrow::Cow,
    error::Error,
    panic::Location,
    sync::{Arc, Weak},
    time::SystemTime,
};

use super::{
    Effect, Kind, OwnedSpan, Passing, Record, Recording, SamplingPriority, Span, SpanContext,
    SpanId, SpanKind, SpanLink, State, TagValue, record::child_of,
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
    manual: Option<SamplingPriority>,
    tracer: Option<Tracer>,
    parent: Parent,
    created_at: &'static Location<'static>,
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
    #[track_caller]
    pub(crate) fn new(name: impl Into<Cow<'static, str>>) -> Self {
        let state = (!is_dormant()).then(|| {
            let mut state = Box::<State>::default();
            state.set_name(name);
            state
        });
        Self {
            state,
            manual: None,
            tracer: None,
            parent: Parent::Current,
            created_at: Location::caller(),
        }
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
        let Some(state) = &mut self.state else { return self };
        let effect = state.set_tag(key.into(), value.into());
        self.heed(effect);
        self
    }

    /// A link to a span of another trace; at most
    /// [`MAX_LINKS_PER_SPAN`](crate::MAX_LINKS_PER_SPAN).
    pub fn link(mut self, link: SpanLink) -> Self {
        let Some(state) = &mut self.state else { return self };
        let effect = state.add_link(link);
        self.heed(effect);
        self
    }

    /// Begins a new trace that is linked to `span` and starts with its baggage.
    ///
    /// For work that outlives what caused it, and would make its trace endless. Where `span` is
    /// ignored, the new span is as well.
    pub fn linked_to(self, span: &Span) -> Self {
        let linked = match &span.0 {
            Kind::Nothing => return self.child_of(Parent::Nothing),
            Kind::Passing(passing) if passing.is_ignored => return self.child_of(span),
            Kind::Passing(passing) => self.tracer_unless_given(&passing.tracer),
            Kind::Recording(recording) => {
                self.tracer_unless_given(&Tracer::of(Arc::clone(&recording.trace.backing)))
            }
        };
        let context = span.context();
        let baggage = SpanContext::new().with_baggage(context.baggage().clone());
        let linked = linked.child_of(baggage);
        match SpanLink::to(&context) {
            Some(link) => linked.link(link),
            None => linked,
        }
    }

    fn tracer_unless_given(mut self, tracer: &Tracer) -> Self {
        self.tracer.get_or_insert_with(|| tracer.clone());
        self
    }

    /// What a tag or a link means beyond the span.
    fn heed(&mut self, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Decides(priority) => self.manual = Some(priority),
            Effect::Misused(misuse) => {
                let tracer = self.tracer.clone().unwrap_or_else(Tracer::current);
                misuse.report(tracer.implementer());
            }
        }
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
                let span = root(state, self.tracer, context, self.created_at);
                return owned(span, self.manual);
            }
        };
        let span = match parent.0 {
            Kind::Nothing => root(state, self.tracer, SpanContext::new(), self.created_at),
            Kind::Passing(passing) if passing.is_ignored => {
                Span(Kind::Passing(Arc::new(passing.child())))
            }
            Kind::Passing(passing) => {
                let tracer = Some(passing.tracer.clone());
                root(state, tracer, Passing::context(&passing), self.created_at)
            }
            Kind::Recording(parent) => child(state, parent, self.created_at),
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

    /// Like [`in_scope`](SpanBuilder::in_scope), and an `Err` marks the span.
    ///
    /// ```
    /// use packdog_api::span;
    ///
    /// let slices = span("order.parse").try_in_scope(|_| "many".parse::<u32>());
    /// assert!(slices.is_err());
    /// ```
    pub fn try_in_scope<T, E: Error>(self, f: impl FnOnce(&Span) -> Result<T, E>) -> Result<T, E> {
        self.in_scope(|span| f(span).inspect_err(|error| span.set_error(error)))
    }

    /// Like [`in_async_scope`](SpanBuilder::in_async_scope), and an `Err` marks the span.
    pub async fn try_in_async_scope<T, E: Error>(
        self,
        f: impl AsyncFnOnce(&Span) -> Result<T, E>,
    ) -> Result<T, E> {
        self.in_async_scope(async |span| f(span).await.inspect_err(|error| span.set_error(error)))
            .await
    }
}

fn owned(span: Span, manual: Option<SamplingPriority>) -> OwnedSpan {
    match manual {
        Some(priority) if priority.is_kept() => span.manual_keep(),
        Some(_) => span.manual_drop(),
        None => {}
    }
    OwnedSpan::new(span)
}

type CreatedAt = &'static Location<'static>;

fn child(mut state: Box<State>, parent: Recording, created_at: CreatedAt) -> Span {
    let Some(common_tags) = parent.trace.admit() else { return one_too_many(parent) };
    state.tags.share(common_tags);
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
    let parentage = child_of(&parent.record);
    open(state, parent.trace, parentage, created_at)
}

/// A span without a local parent: it begins a trace or continues that of `context`.
fn root(
    mut state: Box<State>,
    tracer: Option<Tracer>,
    mut context: SpanContext,
    created_at: CreatedAt,
) -> Span {
    let tracer = tracer.unwrap_or_else(Tracer::current);
    let Some(backing) = tracer.backing() else { return Span::nothing() };
    let Some(Begun { settings, tags }) = backing.implementer.begin(&context) else {
        return Span::nothing();
    };
    if state.service.is_empty() {
        state.service = settings.service_text();
    }
    for link in context.links.drain(..) {
        if let Effect::Misused(misuse) = state.add_link(link) {
            misuse.report(tracer.implementer());
        }
    }
    state.baggage = std::mem::take(&mut context.baggage);
    let parent_id = context.span_id();
    let trace = Trace::begin(Arc::clone(backing), settings, context);
    let Some(common_tags) = trace.admit() else {
        let context = trace.remote().clone().with_trace_tags(trace.tags());
        let context = context.with_baggage(state.baggage);
        return Span::passing_of(&tracer, context, true);
    };
    state.tags.share(common_tags);
    for (key, value) in tags {
        if state.tags.get(&key).is_none() {
            state.tags.set(key, value);
        }
    }
    if state.start == 0 {
        state.start = trace.clock.unix_nanos();
    }
    open(state, trace, (parent_id, Weak::new()), created_at)
}

/// Too many spans are open: nothing is recorded, and the context of the parent flows on.
fn one_too_many(parent: Recording) -> Span {
    parent.trace.decide(); // A passing span cannot, and others may continue from it.
    let tracer = Tracer::of(Arc::clone(&parent.trace.backing));
    let context = Span(Kind::Recording(parent)).context();
    Span::passing_of(&tracer, context, true)
}

fn open(
    state: Box<State>,
    trace: Arc<Trace>,
    (parent_id, parent): super::record::Parentage,
    created_at: CreatedAt,
) -> Span {
    let record = Arc::new(Record::new(SpanId::random(), parent_id, parent, state));
    trace.open(&record, created_at);
    Span(Kind::Recording(Recording { record, trace }))
}
