//! A handle to a span: nothing, passing or recording.

use std::{borrow::Cow, error::Error, sync::Arc, time::SystemTime};

use super::{
    Effect, Passing, Record, SamplingPriority, SpanBuilder, SpanContext, SpanEvent, SpanId,
    SpanLink, State, TagValue, TraceId, record_error,
};
use crate::{
    baggage::{Baggage, SpanBaggage},
    carrier::CarrierMut,
    implementation::Recorder,
    misuse::Misuse,
    scope::SpanScope,
    trace::{Clock, Trace, unix_nanos},
    tracer::Tracer,
};

/// A handle to a span, cheap to clone and to send: for tags, context, errors and baggage.
///
/// A handle is in one of three states.
/// *Recording*: a span of this process, which will be sent.
/// *Passing*: a received context and its baggage, which are passed on while nothing is recorded.
/// *Nothing*: every call on it does nothing; it is what [`current_span`](crate::current_span)
/// gives where there is no span.
///
/// Dropping a handle never finishes a span; dropping its [`OwnedSpan`](crate::OwnedSpan) does.
/// After a span has finished, its context and tags can still be read, and writing does nothing.
///
/// ```
/// use packdog_api::{Span, current_root_span, current_span, span};
///
/// fn slice() {
///     current_span().set_tag("slices", 12); // Wherever it is called.
///     current_root_span().set_tag("customer", "regular");
/// }
///
/// span("bread.slice").in_scope(|_| slice());
/// slice(); // No span is current: nothing happens.
/// ```
#[derive(Clone, Debug, Default)]
pub struct Span(pub(crate) Kind);

#[derive(Clone, Debug, Default)]
pub(crate) enum Kind {
    #[default]
    Nothing,
    Passing(Arc<Passing>),
    Recording(Recording),
}

#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub(crate) record: Arc<Record>,
    pub(crate) trace: Arc<Trace>,
}

impl Span {
    /// A span that is nothing.
    pub const fn nothing() -> Self {
        Self(Kind::Nothing)
    }

    /// A span that records nothing and passes `context` on: what is injected from it is the
    /// received context with its baggage.
    ///
    /// Spans started below it pass on the same, unless the context names no trace: then the
    /// first span below starts a new trace with that baggage.
    ///
    /// ```
    /// use packdog_api::{Span, propagation};
    ///
    /// fn forward(received: &[(String, String)]) -> Vec<(String, String)> {
    ///     let mut headers = Vec::new();
    ///     Span::passing(propagation::extract(received)).inject(&mut headers);
    ///     headers
    /// }
    /// # assert!(forward(&[]).is_empty());
    /// ```
    pub fn passing(context: SpanContext) -> Self {
        let is_ignored = context.trace_id().is_some();
        Self::passing_of(&Tracer::current(), context, is_ignored)
    }

    /// Like [`passing`](Span::passing), but whatever the context holds, no span below it records.
    /// For requests that are not to be seen, such as health checks.
    pub fn ignored(context: SpanContext) -> Self {
        Self::passing_of(&Tracer::current(), context, true)
    }

    pub(crate) fn passing_of(tracer: &Tracer, context: SpanContext, is_ignored: bool) -> Self {
        if !tracer.is_enabled() {
            return Self::nothing();
        }
        Self(Kind::Passing(Arc::new(Passing::new(context, tracer.clone(), is_ignored))))
    }

    /// Whether this is a span of this process that will be sent.
    pub fn is_recording(&self) -> bool {
        self.recording().is_some()
    }

    /// Whether every call on this handle does nothing.
    pub fn is_nothing(&self) -> bool {
        matches!(self.0, Kind::Nothing)
    }

    /// The trace of this span, or the one that is passed on.
    pub fn trace_id(&self) -> Option<TraceId> {
        match &self.0 {
            Kind::Nothing => None,
            Kind::Passing(passing) => passing.remote().trace_id(),
            Kind::Recording(span) => Some(span.trace.id),
        }
    }

    /// The id of this span, or of the remote span that is passed on.
    pub fn span_id(&self) -> Option<SpanId> {
        match &self.0 {
            Kind::Nothing => None,
            Kind::Passing(passing) => passing.remote().span_id(),
            Kind::Recording(span) => Some(span.record.id),
        }
    }

    /// What others need to continue from this span. Takes no sampling decision.
    pub fn context(&self) -> SpanContext {
        match &self.0 {
            Kind::Nothing => SpanContext::new(),
            Kind::Passing(passing) => passing.context(),
            Kind::Recording(span) => span.context(),
        }
    }

    /// Writes the headers by which another service continues from this span.
    ///
    /// Of these headers the carrier has afterwards what this span says and nothing else: older
    /// ones are replaced, or removed where this span has nothing to say.
    /// The first injection takes the sampling decision of the trace, if there is none yet.
    pub fn inject(&self, carrier: &mut dyn CarrierMut) {
        self.inject_part(carrier, |context| context);
    }

    /// Like [`inject`](Span::inject), but of the context only what `part` leaves of it: for
    /// receivers that may not have all.
    ///
    /// ```
    /// use packdog_api::{Baggage, current_span};
    ///
    /// let mut headers = Vec::<(String, String)>::new();
    /// current_span().inject_part(&mut headers, |context| context.with_baggage(Baggage::new()));
    /// ```
    pub fn inject_part(
        &self,
        carrier: &mut dyn CarrierMut,
        part: impl FnOnce(SpanContext) -> SpanContext,
    ) {
        match &self.0 {
            Kind::Nothing => {}
            Kind::Passing(passing) => passing.tracer.inject(&part(passing.context()), carrier),
            Kind::Recording(span) => {
                span.trace.decide();
                let context = part(span.context());
                if let Some(error) = span.trace.backing.propagator.inject(&context, carrier)
                    && let Some(root) = span.trace.root()
                {
                    root.edit(|state| state.set_tag("_dd.propagation_error".into(), error.into()));
                }
            }
        }
    }

    /// The first span of the trace in this process; a passing span is its own root.
    pub fn root(&self) -> Span {
        match &self.0 {
            Kind::Recording(span) => match span.trace.root() {
                Some(root) => Self(Kind::Recording(Recording {
                    record: Arc::clone(root),
                    trace: Arc::clone(&span.trace),
                })),
                None => self.clone(),
            },
            _ => self.clone(),
        }
    }

    /// The baggage of this span.
    pub fn baggage(&self) -> SpanBaggage {
        SpanBaggage(self.clone())
    }

    /// A child of this span, to be started.
    #[track_caller]
    pub fn child(&self, name: impl Into<Cow<'static, str>>) -> SpanBuilder {
        SpanBuilder::new(name).child_of(self)
    }

    /// Sets a tag: a text, a boolean (as text) or a finite number.
    ///
    /// `operation.name`, `service.name`, `resource.name` and `span.type` change these fields,
    /// `manual.keep` and `manual.drop` decide about the trace. A span holds at most
    /// [`MAX_TAGS_PER_SPAN`](crate::MAX_TAGS_PER_SPAN) tags.
    ///
    /// ```
    /// # let span = packdog_api::current_span();
    /// span.set_tag("bread", "rye");
    /// span.set_tag("weight", 250.5); // A metric.
    /// span.set_tag("toasted", true); // The text `true`.
    /// ```
    pub fn set_tag(&self, key: impl Into<Cow<'static, str>>, value: impl Into<TagValue>) {
        if self.is_recording() {
            let (key, value) = (key.into(), value.into()); // Code of the application: not locked.
            self.edit(|state| state.set_tag(key, value));
        }
    }

    /// Sets several tags.
    pub fn set_tags<K, V>(&self, tags: impl IntoIterator<Item = (K, V)>)
    where
        K: Into<Cow<'static, str>>,
        V: Into<TagValue>,
    {
        for (key, value) in tags {
            self.set_tag(key, value);
        }
    }

    /// The value of a tag, also after the span has finished.
    pub fn tag(&self, key: &str) -> Option<TagValue> {
        self.recording()?.record.state().tags.get(key).cloned()
    }

    /// Removes a tag, if it is there.
    pub fn remove_tag(&self, key: &str) {
        self.change(|state| state.tags.remove(key));
    }

    /// Changes the operation name.
    pub fn set_operation_name(&self, name: impl Into<Cow<'static, str>>) {
        self.change_to(name, State::set_name);
    }

    /// Changes the service.
    pub fn set_service(&self, service: impl Into<Cow<'static, str>>) {
        self.change_to(service, State::set_service);
    }

    /// Changes the resource, such as `GET /users/{id}`.
    pub fn set_resource(&self, resource: impl Into<Cow<'static, str>>) {
        self.change_to(resource, State::set_resource);
    }

    /// Changes the type, such as `web`.
    pub fn set_type(&self, span_type: impl Into<Cow<'static, str>>) {
        self.change_to(span_type, State::set_type);
    }

    /// The resource, also after the span has finished; empty unless the span records.
    pub fn resource(&self) -> String {
        let Some(span) = self.recording() else { return String::new() };
        let state = span.record.state();
        state.resource.as_ref().unwrap_or(&state.name).to_string()
    }

    /// Marks the span as an error, or takes the mark back; the tags stay as they are.
    pub fn set_is_error(&self, is_error: bool) {
        self.change(|state| state.is_error = is_error);
    }

    /// Marks the span as an error and tags it with the type, the message and the causes.
    pub fn set_error<E: Error + ?Sized>(&self, error: &E) {
        record_error::<E, E>(self, error);
    }

    /// Adds a link to a span of another trace; at most
    /// [`MAX_LINKS_PER_SPAN`](crate::MAX_LINKS_PER_SPAN).
    pub fn add_link(&self, link: SpanLink) {
        self.edit(|state| state.add_link(link));
    }

    /// Adds an event; at most [`MAX_EVENTS_PER_SPAN`](crate::MAX_EVENTS_PER_SPAN).
    pub fn add_event(&self, event: SpanEvent) {
        let Some(span) = self.recording() else { return };
        let event = event.or_at(span.trace.clock.now());
        self.edit(|state| state.add_event(event));
    }

    /// Keeps the trace, whatever was decided before; to be said while the span is open.
    pub fn manual_keep(&self) {
        self.decide_by_hand(SamplingPriority::USER_KEEP);
    }

    /// Drops the trace, whatever was decided before; to be said while the span is open.
    pub fn manual_drop(&self) {
        self.decide_by_hand(SamplingPriority::USER_DROP);
    }

    /// Ends the span now; the second time does nothing.
    pub fn finish(&self) {
        self.finish_with(Clock::now);
    }

    /// Ends the span as if at `time`; the second time does nothing.
    ///
    /// A time before the start makes a span of the shortest length, 1 ns.
    pub fn finish_at(&self, time: SystemTime) {
        self.finish_with(|_| unix_nanos(time));
    }

    /// Ends the span and every open local span above it, up to the local root.
    ///
    /// Where a span above it has finished, left and been forgotten, those between that one and
    /// the local root are not found and stay open.
    ///
    /// ```
    /// use packdog_api::span;
    ///
    /// let party = span("party").start();
    /// let alarm = party.child("alarm.ring").start();
    /// alarm.finish_with_ancestors(); // The party is over, too.
    /// ```
    pub fn finish_with_ancestors(&self) {
        self.finish();
        let Some(span) = self.recording() else { return };
        let mut above = span.record.parent.upgrade();
        while let Some(record) = above {
            above = record.parent.upgrade();
            Self(Kind::Recording(Recording { record, trace: Arc::clone(&span.trace) })).finish();
        }
        self.root().finish();
    }

    fn finish_with(&self, end: impl FnOnce(&Clock) -> i64) {
        if let Some(span) = self.recording()
            && span.record.finish(end(&span.trace.clock))
        {
            span.trace.close(&span.record);
        }
    }

    /// Makes the span current on this thread until the returned guard is dropped.
    ///
    /// The guard cannot be held across an `.await`; asynchronous code says
    /// [`.in_span(span)`](crate::InSpanExt::in_span).
    pub fn enter(&self) -> SpanScope {
        SpanScope::enter(self.clone())
    }

    /// Calls `f` while the span is current.
    pub fn in_scope<T>(&self, f: impl FnOnce() -> T) -> T {
        let _scope = self.enter();
        f()
    }

    /// A panic unwinds through the span; too late for one that has finished, and no misuse.
    /// What an earlier error left goes, unless it is what a hook told of this panic.
    pub(crate) fn mark_panic(&self) {
        if let Some(span) = self.recording() {
            span.record.edit(|state| {
                state.is_error = true;
                if state.tags.get("error.type").and_then(TagValue::as_str) != Some("panic") {
                    state.tags.remove("error.message");
                    state.tags.remove("error.stack");
                }
                state.set_tag("error.type".into(), "panic".into())
            });
        }
    }

    fn recording(&self) -> Option<&Recording> {
        match &self.0 {
            Kind::Recording(span) => Some(span),
            _ => None,
        }
    }

    /// Converts before the span is locked: that is code of the application.
    fn change_to(
        &self,
        value: impl Into<Cow<'static, str>>,
        change: impl FnOnce(&mut State, Cow<'static, str>),
    ) {
        if self.is_recording() {
            let value = value.into();
            self.change(|state| change(state, value));
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        self.edit(|state| {
            change(state);
            Effect::None
        });
    }

    /// Changes an open span. What follows for others waits until the span's lock is released.
    fn edit(&self, edit: impl FnOnce(&mut State) -> Effect) {
        let Some(span) = self.recording() else { return };
        let too_late = Effect::Misused(Misuse::ChangeAfterFinish);
        match span.record.edit(edit).unwrap_or(too_late) {
            Effect::None => {}
            Effect::Decides(priority) => span.trace.decide_by_hand(priority),
            Effect::Misused(misuse) => misuse.report(Some(span.trace.recorder())),
        }
    }

    fn decide_by_hand(&self, priority: SamplingPriority) {
        self.edit(|_| Effect::Decides(priority));
    }

    pub(crate) fn read_baggage<T>(&self, read: impl FnOnce(&Baggage) -> T) -> Option<T> {
        match &self.0 {
            Kind::Nothing => None,
            Kind::Passing(passing) => Some(passing.read_baggage(read)),
            Kind::Recording(span) => Some(read(&span.record.state().baggage)),
        }
    }

    /// Baggage outlives its span: a finished span can still hand it on. `None` without a span.
    pub(crate) fn write_baggage<T>(&self, write: impl FnOnce(&mut Baggage) -> T) -> Option<T> {
        match &self.0 {
            Kind::Nothing => {
                Misuse::BaggageWithoutSpan.report(Tracer::current().recorder());
                None
            }
            Kind::Passing(passing) => Some(passing.write_baggage(write)),
            Kind::Recording(span) => Some(write(&mut span.record.state().baggage)),
        }
    }

    /// What stands behind the tracer of this span.
    pub(crate) fn recorder(&self) -> Option<&dyn Recorder> {
        match &self.0 {
            Kind::Nothing => None,
            Kind::Passing(passing) => passing.tracer.recorder(),
            Kind::Recording(span) => Some(span.trace.recorder()),
        }
    }
}

impl Recording {
    fn context(&self) -> SpanContext {
        let baggage = self.record.state().baggage.clone();
        self.trace.context(&self.record, baggage)
    }
}
