//! Changing an open span: tags, fields, errors, links, events and manual decisions.

use std::borrow::Cow;

use super::{Effect, Field, Span, SpanError, State, choice, report};
use crate::{
    misuse::Misuse,
    names::{self, ERROR_TYPE_PANIC as PANIC},
    values::{SamplingPriority, SpanEvent, SpanLink, TagRef, TagValue},
};

impl Span {
    /// Sets a tag: a text, a boolean (as text) or a finite number.
    ///
    /// `operation.name`, `service.name`, `resource.name` and `span.type` change these fields,
    /// `manual.keep` and `manual.drop` decide about the trace, and `error` sets the error mark:
    /// `false`, `0` and an empty text remove it. A span holds at most
    /// [`MAX_TAGS_PER_SPAN`](crate::MAX_TAGS_PER_SPAN) tags.
    ///
    /// ```
    /// # let span = packdog_api::current_span();
    /// span.set_tag("bread", "rye");
    /// span.set_tag("weight", 250.5); // A metric.
    /// span.set_tag("toasted", true); // The text `true`.
    /// ```
    pub fn set_tag<'v>(&self, key: impl Into<Cow<'static, str>>, value: impl Into<TagValue<'v>>) {
        if self.is_recording() {
            let (key, value) = (key.into(), value.into()); // Code of the application: not locked.
            match value.as_text() {
                Some(text) => self.edit(|state| state.set_text(&key, text)),
                None => self.edit(|state| state.set_tag(&key, &value)),
            }
        }
    }

    /// Sets several tags.
    pub fn set_tags<'v, K, V>(&self, tags: impl IntoIterator<Item = (K, V)>)
    where
        K: Into<Cow<'static, str>>,
        V: Into<TagValue<'v>>,
    {
        for (key, value) in tags {
            self.set_tag(key, value);
        }
    }

    /// Removes a tag, if it is there.
    pub fn remove_tag(&self, key: &str) {
        self.change(|state| state.tags.remove(key));
    }

    /// Changes the operation name.
    pub fn set_operation_name(&self, name: impl Into<Cow<'static, str>>) {
        self.choose(Field::Name, name);
    }

    /// Changes the service.
    pub fn set_service(&self, service: impl Into<Cow<'static, str>>) {
        self.choose(Field::Service, service);
    }

    /// Changes the resource, such as `GET /users/{id}`.
    pub fn set_resource(&self, resource: impl Into<Cow<'static, str>>) {
        self.choose(Field::Resource, resource);
    }

    /// Changes the type, such as `web`.
    pub fn set_type(&self, span_type: impl Into<Cow<'static, str>>) {
        self.choose(Field::Type, span_type);
    }

    /// Sets or removes the error mark; the tags do not change.
    pub fn set_is_error(&self, is_error: bool) {
        self.change(|state| {
            state.choose(choice::ERROR);
            state.is_error = is_error;
        });
    }

    /// Marks the span as an error and sets tags for its type, message and causes.
    ///
    /// Accepts every [`Error`](std::error::Error), types that hold one (`anyhow::Error`, boxed
    /// errors), and texts. For anything else, use [`set_error_parts`](Span::set_error_parts).
    ///
    /// ```
    /// # let span = packdog_api::current_span();
    /// let error: Box<dyn std::error::Error + Send + Sync> = "no bread".into();
    /// span.set_error(&error);
    /// span.set_error("no butter");
    /// ```
    pub fn set_error<By>(&self, error: &(impl SpanError<By> + ?Sized)) {
        error.record_on(self);
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

    /// Keeps the trace, overriding earlier decisions. Call it while the span is open.
    pub fn manual_keep(&self) {
        self.decide_by_hand(SamplingPriority::USER_KEEP);
    }

    /// Drops the trace, overriding earlier decisions. Call it while the span is open.
    pub fn manual_drop(&self) {
        self.decide_by_hand(SamplingPriority::USER_DROP);
    }

    /// Marks the span with the panic that unwinds through it. On a finished span it does nothing,
    /// and that is not a misuse. The tags of an earlier error are replaced, unless a panic hook set
    /// them for this panic.
    pub(crate) fn mark_panic(&self) {
        if let Some(span) = self.recording() {
            span.record.edit(|state| {
                state.is_error = true;
                if state.tags.get(names::ERROR_TYPE).and_then(TagRef::as_str) != Some(PANIC) {
                    state.tags.remove(names::ERROR_MESSAGE);
                    state.tags.remove(names::ERROR_STACK);
                }
                state.set_tag(names::ERROR_TYPE, &PANIC.into())
            });
        }
    }

    /// Sets a field for the application. The conversion runs before the span is locked, because it
    /// is code of the application.
    fn choose(&self, field: Field, value: impl Into<Cow<'static, str>>) {
        if self.is_recording() {
            let value = value.into();
            self.change(|state| {
                state.choose(field.choice());
                state.set_field(field, value);
            });
        }
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        self.edit(|state| {
            change(state);
            Effect::None
        });
    }

    /// Changes an open span. Effects beyond the span happen after its lock is released.
    pub(super) fn edit(&self, edit: impl FnOnce(&mut State) -> Effect) {
        let Some(span) = self.recording() else { return };
        let too_late = Effect::Misused(Misuse::ChangeAfterFinish);
        match span.record.edit(edit).unwrap_or(too_late) {
            Effect::None => {}
            Effect::Decides(priority) => span.trace.decide_by_hand(priority),
            Effect::Misused(misuse) => report(misuse, Some(span.trace.recorder())),
        }
    }

    fn decide_by_hand(&self, priority: SamplingPriority) {
        self.edit(|_| Effect::Decides(priority));
    }
}
