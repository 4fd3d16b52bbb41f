//! The state of a span that has not finished, for other APIs over the same spans.

use std::borrow::Cow;

use super::{Effect, Field, Kind, Recording, Span, State, report};
use crate::{
    names,
    render::MAX_MESSAGE_BYTES,
    text::cut,
    values::{SamplingPriority, SpanEvent, SpanId, SpanLink, TagRef, TagValue, TraceId},
};

/// A span that has not finished, locked for several changes by another API over the same spans, such
/// as that of OpenTelemetry.
///
/// Reserved names have no effect here: [`set_tag`](OpenSpan::set_tag) stores each as a tag.
#[derive(Debug)]
pub struct OpenSpan<'a> {
    state: &'a mut State,
    /// The effects beyond the span, which happen after it is unlocked.
    effects: Effects,
}

#[derive(Debug, Default)]
struct Effects {
    misuse: Option<Effect>,
    decision: Option<Effect>,
}

impl<'a> OpenSpan<'a> {
    fn of(state: &'a mut State) -> Self {
        Self { state, effects: Effects::default() }
    }

    /// Returns the notes of the other API about this span: zero at first.
    pub fn notes(&self) -> u8 {
        self.state.notes
    }

    /// Sets the notes.
    pub fn set_notes(&mut self, notes: u8) {
        self.state.notes = notes;
    }

    /// Sets the operation name for the application.
    pub fn set_name(&mut self, name: impl Into<Cow<'static, str>>) {
        self.choose(Field::Name, name);
    }

    /// Sets the operation name, unless the application has set it.
    pub fn derive_name(&mut self, name: impl Into<Cow<'static, str>>) {
        self.derive(Field::Name, name);
    }

    /// Sets the service.
    pub fn set_service(&mut self, service: impl Into<Cow<'static, str>>) {
        self.choose(Field::Service, service);
    }

    /// Sets the resource; `None` is the operation name.
    pub fn set_resource(&mut self, resource: Option<Cow<'static, str>>) {
        self.state.choose(Field::Resource.choice());
        match resource {
            Some(resource) => self.state.set_resource(resource),
            None => self.state.resource = None,
        }
    }

    /// Sets the type for the application.
    pub fn set_type(&mut self, span_type: impl Into<Cow<'static, str>>) {
        self.choose(Field::Type, span_type);
    }

    /// Sets the type, unless the application has set it.
    pub fn derive_type(&mut self, span_type: impl Into<Cow<'static, str>>) {
        self.derive(Field::Type, span_type);
    }

    /// Returns the value of a tag.
    pub fn tag(&self, key: &str) -> Option<TagRef<'_>> {
        self.state.tags.get(key)
    }

    /// Sets a tag for the application.
    pub fn set_tag<'v>(&mut self, key: &str, value: impl Into<TagValue<'v>>) {
        let effect = self.state.put_tag(key, &value.into(), false);
        self.heed(effect);
    }

    /// Sets a tag for the application to a text, without a value in between.
    #[inline]
    pub fn set_text(&mut self, key: &str, text: &str) {
        let effect = self.state.put_text(key, text);
        self.heed(effect);
    }

    /// Adds a tag of the application that is a text, unless the span itself has the tag.
    #[inline]
    pub fn add_text(&mut self, key: &str, text: &str) {
        let effect = self.state.add_text(key, text);
        self.heed(effect);
    }

    /// Sets or removes the error mark.
    pub fn set_is_error(&mut self, is_error: bool) {
        self.state.choose(super::choice::ERROR);
        self.state.is_error = is_error;
    }

    /// Sets a tag about the error, which [`remove_error_tags`](OpenSpan::remove_error_tags) removes.
    /// A message is cut at its limit.
    pub fn set_error_tag(&mut self, key: &'static str, value: &str) {
        let is_message = key == names::ERROR_MESSAGE;
        let value = if is_message { cut(value, MAX_MESSAGE_BYTES) } else { value };
        let effect = self.state.put_tag(key, &value.into(), true);
        self.heed(effect);
    }

    /// Removes the tags about an error, unless the application set them.
    pub fn remove_error_tags(&mut self) {
        for key in [names::ERROR_TYPE, names::ERROR_MESSAGE, names::ERROR_STACK] {
            if !self.state.tags.is_chosen(key) {
                self.state.tags.remove(key);
            }
        }
    }

    /// Returns the events, in the order in which they were added.
    pub fn events(&self) -> &[SpanEvent] {
        &self.state.events
    }

    /// Adds an event, which has a time.
    pub fn add_event(&mut self, event: SpanEvent) {
        let effect = self.state.add_event(event);
        self.heed(effect);
    }

    /// Adds a link.
    pub fn add_link(&mut self, link: SpanLink) {
        let effect = self.state.add_link(link);
        self.heed(effect);
    }

    /// Decides about the trace.
    pub fn decide(&mut self, priority: SamplingPriority) {
        self.effects.decision = Some(Effect::Decides(priority));
    }

    fn choose(&mut self, field: Field, value: impl Into<Cow<'static, str>>) {
        self.state.choose(field.choice());
        self.state.set_field(field, value);
    }

    fn derive(&mut self, field: Field, value: impl Into<Cow<'static, str>>) {
        if !self.state.is_chosen(field.choice()) {
            self.state.set_field(field, value);
        }
    }

    fn heed(&mut self, effect: Effect) {
        if effect != Effect::None {
            self.effects.misuse = Some(effect);
        }
    }
}

impl State {
    /// Lets another API change the state; returns the effects beyond the span.
    pub(crate) fn open(&mut self, change: impl FnOnce(&mut OpenSpan<'_>)) -> [Effect; 2] {
        let mut open = OpenSpan::of(self);
        change(&mut open);
        let Effects { misuse, decision } = open.effects;
        [misuse, decision].map(|effect| effect.unwrap_or(Effect::None))
    }
}

impl Span {
    /// Changes the span through another API; does nothing if it has finished, and that is not a
    /// misuse. `change` runs while the span is locked.
    #[doc(hidden)]
    pub fn edit_open(&self, change: impl FnOnce(&mut OpenSpan<'_>)) {
        let Some(span) = self.recording() else { return };
        let effects = span.record.edit(|state| state.open(change));
        for effect in effects.into_iter().flatten() {
            match effect {
                Effect::None => {}
                Effect::Decides(priority) => span.trace.decide_by_hand(priority),
                Effect::Misused(misuse) => report(misuse, Some(span.trace.recorder())),
            }
        }
    }

    /// Whether the trace began in another process, as far as this one knows it.
    #[doc(hidden)]
    pub fn is_continued(&self) -> bool {
        match &self.0 {
            Kind::Nothing => false,
            Kind::Passing(_) => true,
            Kind::Recording(span) => span.trace.remote().trace_id().is_some(),
        }
    }

    /// Returns the ids of a span whose trace began here and is not decided: then they are all of its
    /// context but for the baggage.
    ///
    /// A fast path of other APIs, which ask for the context of nearly every root at once: a whole
    /// context takes three times the instructions.
    #[doc(hidden)]
    pub fn new_ids(&self) -> Option<(TraceId, SpanId)> {
        let Recording { record, trace } = self.recording()?;
        trace.is_new().then_some((trace.id, record.id))
    }

    /// Returns the process that began the trace; `None` if the span does not record.
    #[doc(hidden)]
    pub fn process(&self) -> Option<u32> {
        self.recording().map(|span| span.trace.process)
    }

    /// Whether the span has baggage; a copy of it costs more.
    #[doc(hidden)]
    pub fn has_baggage(&self) -> bool {
        self.with_baggage(|baggage| !baggage.is_empty()).unwrap_or_default()
    }

    /// Whether the span is open: it records, and has not finished.
    #[doc(hidden)]
    pub fn is_open(&self) -> bool {
        self.recording().is_some_and(|span| !span.record.is_finished())
    }
}
