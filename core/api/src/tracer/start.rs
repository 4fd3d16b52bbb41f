//! Starts spans: as a child of a local span, as the root of a trace, or passing.

use std::{mem, sync::Arc};

use super::{
    SpanBuilder,
    builder::{Above, Draft, Form},
};
use crate::{
    process::process_id,
    recording::{
        Beginning, Effect, Kind, OwnedSpan, Passing, Record, Recording, RootTags, Span, State,
        Trace, TraceStart, Tracer, Unshared, report,
    },
    scope::current_parent,
    values::{Baggage, SamplingPriority, SpanContext, SpanId},
};

impl SpanBuilder {
    /// Starts the span. It is not current until entered.
    #[inline]
    pub fn start(self) -> OwnedSpan {
        match self.0 {
            Some(draft) => draft.start(),
            None => OwnedSpan::default(),
        }
    }
}

impl Draft {
    fn start(self) -> OwnedSpan {
        let Self { state, mut form } = self;
        let manual = form.manual.take();
        let span = form.start(state);
        form.keep();
        owned(span, manual)
    }
}

impl Form {
    /// Starts the span, and leaves the form empty.
    #[inline]
    fn start(&mut self, state: Arc<State>) -> Span {
        let (tracer, baggage) = (self.tracer.take(), self.baggage.take());
        let (parent, baggage) = match mem::take(&mut self.above) {
            Above::Current => current_parent(),
            Above::Span(span) => (span, baggage),
            Above::Context(context) => {
                let context = match baggage {
                    Some(baggage) => Some(starting_with_own(context, baggage)),
                    None => context,
                };
                return self.root(state, tracer, context);
            }
        };
        match parent.0 {
            Kind::Nothing => {
                let context = baggage.map(|baggage| SpanContext::new().with_baggage(baggage));
                self.root(state, tracer, context.map(Arc::new))
            }
            Kind::Passing(passing) if passing.is_ignored => {
                self.start = None;
                let context = starting_with(Passing::context(&passing), baggage);
                Span::passing_of(&passing.tracer, context, true)
            }
            Kind::Passing(passing) => {
                let context = starting_with(Passing::context(&passing), baggage);
                self.root(state, Some(passing.tracer.clone()), Some(Arc::new(context)))
            }
            Kind::Recording(parent) => self.child(state, parent, baggage),
        }
    }
}

/// Returns the context with this baggage instead of its own.
fn starting_with_own(context: Option<Arc<SpanContext>>, baggage: Baggage) -> Arc<SpanContext> {
    let mut context = context.unwrap_or_default();
    Arc::make_mut(&mut context).baggage = baggage;
    context
}

/// Returns the context with this baggage, if there is one, instead of its own.
fn starting_with(context: SpanContext, baggage: Option<Baggage>) -> SpanContext {
    match baggage {
        Some(baggage) => context.with_baggage(baggage),
        None => context,
    }
}

#[inline]
fn owned(span: Span, manual: Option<SamplingPriority>) -> OwnedSpan {
    match manual {
        Some(priority) if priority.is_kept() => span.manual_keep(),
        Some(_) => span.manual_drop(),
        None => {}
    }
    OwnedSpan::new(span)
}

impl Form {
    fn child(
        &mut self,
        mut shared: Arc<State>,
        parent: Recording,
        own_baggage: Option<Baggage>,
    ) -> Span {
        let own_start = self.start.take();
        let Some(common_tags) = parent.trace.admit() else { return one_too_many(parent) };
        let Some(state) = shared.unshared() else { return Span::nothing() };
        state.tags.share(common_tags);
        let (service, baggage) = parent.record.inheritance();
        if state.service.is_empty() {
            state.service = service.clone();
        }
        state.parent_service = Some(service);
        let Recording { record: parent, trace } = parent;
        state.start = own_start.unwrap_or_else(|| trace.clock.now());
        // The running process, and not `trace.process`: a forked child may have inherited the trace.
        let id = SpanId::random(process_id(), state.start);
        (state.id, state.parent_id) = (Some(id), Some(parent.id));
        let baggage = own_baggage.unwrap_or(baggage);
        let record = Record::new(id, trace.process, Some(&parent), shared, baggage);
        let record = Arc::new(record);
        trace.watch(&record, self.created_at);
        Span(Kind::Recording(Recording { record, trace }))
    }

    /// Returns a span without a local parent, which begins a trace or continues that of `context`.
    fn root(
        &mut self,
        mut shared: Arc<State>,
        tracer: Option<Tracer>,
        mut context: Option<Arc<SpanContext>>,
    ) -> Span {
        let own_start = self.start.take();
        let tracer = tracer.unwrap_or_else(Tracer::current);
        let Some(backing) = tracer.backing() else { return Span::nothing() };
        let received = context.as_deref().unwrap_or_else(|| SpanContext::empty());
        let Some(TraceStart { settings }) = backing.recorder.begin(received) else {
            return Span::nothing();
        };
        let Some(state) = shared.unshared() else { return Span::nothing() };
        if state.service.is_empty() {
            state.service = settings.service_text();
        }
        let links = context.as_mut().map(|context| mem::take(&mut Arc::make_mut(context).links));
        for link in links.into_iter().flatten() {
            if let Effect::Misused(misuse) = state.add_link(link) {
                report(misuse, tracer.recorder());
            }
        }
        let Some(beginning) = Beginning::admit(backing) else {
            let context = context.map(Arc::unwrap_or_clone).unwrap_or_default();
            return Span::passing_of(&tracer, context, true);
        };
        state.tags.share(beginning.common_tags());
        let received = context.as_deref().unwrap_or_else(|| SpanContext::empty());
        backing.recorder.tag_root(received, &mut RootTags::of(state));
        state.start = own_start.unwrap_or_else(|| beginning.clock.unix_nanos());
        let parent_id = context.as_deref().and_then(SpanContext::span_id);
        let baggage =
            context.as_mut().map(|context| mem::take(&mut Arc::make_mut(context).baggage));
        let id = SpanId::random(beginning.process, state.start);
        (state.id, state.parent_id, state.is_local_root) = (Some(id), parent_id, true);
        let baggage = baggage.unwrap_or_default();
        let record = Arc::new(Record::new(id, beginning.process, None, shared, baggage));
        let backing = Arc::clone(backing);
        let trace = Trace::begin(backing, settings, context, beginning, Arc::clone(&record));
        trace.watch(&record, self.created_at);
        Span(Kind::Recording(Recording { record, trace }))
    }
}

/// Returns a span for when too many are open: it records nothing and passes on the parent's
/// context.
fn one_too_many(parent: Recording) -> Span {
    parent.trace.decide(); // A passing span cannot, and others may continue from it.
    let tracer = Tracer::of(Arc::clone(&parent.trace.backing));
    let context = Span(Kind::Recording(parent)).context();
    Span::passing_of(&tracer, context, true)
}
