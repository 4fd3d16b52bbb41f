//! What is recorded of one span.
//!
//! A record never refers to its trace, and to its parent only weakly: so no cycle holds spans in
//! memory, and a chain of a million spans is dropped one by one.

use std::{
    borrow::Cow,
    sync::{Arc, Weak},
};

use smol_str::SmolStr;

use super::{SamplingPriority, SpanEvent, SpanId, SpanLink, TagValue, Tags};
use crate::{
    baggage::Baggage,
    misuse::Misuse,
    sync::{Mutex, MutexGuard, lock},
    text::text,
};

/// The most links that one span holds; more new ones are dropped and counted.
pub const MAX_LINKS_PER_SPAN: usize = 128;
/// The most events that one span holds; more new ones are dropped and counted.
pub const MAX_EVENTS_PER_SPAN: usize = 1024;
/// The most bytes of a service or an operation name, as the Datadog Agent cuts them.
const MAX_NAME_BYTES: usize = 100;
/// The most bytes of a resource, as the Datadog Agent cuts it.
const MAX_RESOURCE_BYTES: usize = 5_000;

#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: SpanId,
    pub(crate) parent_id: Option<SpanId>,
    /// The local parent.
    pub(crate) parent: Weak<Record>,
    /// As the builder made it: it is large, and would otherwise be moved several times.
    state: Mutex<Box<State>>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) name: SmolStr,
    pub(crate) service: SmolStr,
    /// The service of the local parent when this span started, for when the parent has left.
    pub(crate) parent_service: Option<SmolStr>,
    pub(crate) resource: Option<SmolStr>,
    pub(crate) span_type: SmolStr,
    /// Nanoseconds of Unix time; `None` until the span starts, unless the builder was told.
    pub(crate) start: Option<i64>,
    /// Nanoseconds; `None` while the span is open.
    pub(crate) duration: Option<i64>,
    pub(crate) is_error: bool,
    pub(crate) is_top_level: bool,
    pub(crate) tags: Tags,
    pub(crate) links: Vec<SpanLink>,
    pub(crate) events: Vec<SpanEvent>,
    pub(crate) baggage: Baggage,
}

impl Record {
    pub(crate) fn new(
        id: SpanId,
        parent_id: Option<SpanId>,
        parent: Weak<Record>,
        state: Box<State>,
    ) -> Self {
        Self { id, parent_id, parent, state: Mutex::new(state) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, Box<State>> {
        lock(&self.state)
    }

    /// About how much memory the record and all that it owns take.
    pub(crate) fn memory_bytes(&self) -> usize {
        let state = self.state();
        let resource = state.resource.as_ref().map_or(0, SmolStr::len);
        let services = state.service.len() + state.parent_service.as_ref().map_or(0, SmolStr::len);
        let fields = state.name.len() + services + resource + state.span_type.len();
        let links = state.links.iter().map(SpanLink::memory_bytes).sum::<usize>();
        let events = state.events.iter().map(SpanEvent::memory_bytes).sum::<usize>();
        let own = size_of::<Self>() + size_of::<State>();
        own + fields + state.tags.memory_bytes() + links + events + state.baggage.memory_bytes()
    }

    /// Changes an open span; a finished one stays as it is.
    pub(crate) fn edit<T>(&self, edit: impl FnOnce(&mut State) -> T) -> Option<T> {
        let mut state = self.state();
        state.duration.is_none().then(|| edit(&mut state))
    }

    /// Ends the span at `now`; `false` if it had ended before.
    pub(crate) fn finish(&self, now: i64) -> bool {
        let parent_service = self.parent.upgrade().map(|parent| parent.state().service.clone());
        self.edit(|state| {
            let start = state.start.unwrap_or(now);
            state.duration = Some(now.saturating_sub(start).max(1)); // Statistics want more than zero.
            state.is_top_level = parent_service
                .as_ref()
                .or(state.parent_service.as_ref())
                .is_none_or(|service| *service != state.service);
        })
        .is_some()
    }
}

/// What a tag does beyond the span that it is set on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    None,
    /// It decides about the trace.
    Decides(SamplingPriority),
    /// It was dropped.
    Misused(Misuse),
}

/// The names of tags that stand for fields of the span or decisions about its trace.
mod reserved {
    pub(super) const OPERATION_NAME: &str = "operation.name";
    pub(super) const SERVICE: &str = "service.name";
    pub(super) const RESOURCE: &str = "resource.name";
    pub(super) const TYPE: &str = "span.type";
    pub(super) const KEEP: &str = "manual.keep";
    pub(super) const DROP: &str = "manual.drop";
}

/// Whether a tag of this name is no tag, but changes a field or decides about the trace.
pub(crate) fn is_reserved_tag(key: &str) -> bool {
    use reserved::*;

    [OPERATION_NAME, SERVICE, RESOURCE, TYPE, KEEP, DROP].contains(&key)
}

impl State {
    pub(crate) fn set_name(&mut self, name: impl Into<Cow<'static, str>>) {
        self.name = text(name, MAX_NAME_BYTES);
    }

    pub(crate) fn set_service(&mut self, service: impl Into<Cow<'static, str>>) {
        self.service = text(service, MAX_NAME_BYTES);
    }

    pub(crate) fn set_resource(&mut self, resource: impl Into<Cow<'static, str>>) {
        self.resource = Some(text(resource, MAX_RESOURCE_BYTES));
    }

    pub(crate) fn set_type(&mut self, span_type: impl Into<Cow<'static, str>>) {
        self.span_type = text(span_type, MAX_NAME_BYTES);
    }

    /// Sets a tag, or the field or decision that the reserved tag names stand for.
    pub(crate) fn set_tag(&mut self, key: Cow<'static, str>, value: TagValue) -> Effect {
        match key.as_ref() {
            reserved::OPERATION_NAME => self.set_name(String::from(value.into_text())),
            reserved::SERVICE => self.set_service(String::from(value.into_text())),
            reserved::RESOURCE => self.set_resource(String::from(value.into_text())),
            reserved::TYPE => self.set_type(String::from(value.into_text())),
            reserved::KEEP => return Effect::Decides(SamplingPriority::USER_KEEP),
            reserved::DROP => return Effect::Decides(SamplingPriority::USER_DROP),
            _ => {
                let has_room = self.tags.set(key, value);
                return if has_room { Effect::None } else { Effect::Misused(Misuse::TooManyTags) };
            }
        }
        Effect::None
    }

    pub(crate) fn add_link(&mut self, link: SpanLink) -> Effect {
        if self.links.len() >= MAX_LINKS_PER_SPAN {
            return Effect::Misused(Misuse::TooManyLinks);
        }
        self.links.push(link);
        Effect::None
    }

    pub(crate) fn add_event(&mut self, event: SpanEvent) -> Effect {
        if self.events.len() >= MAX_EVENTS_PER_SPAN {
            return Effect::Misused(Misuse::TooManyEvents);
        }
        self.events.push(event);
        Effect::None
    }
}

/// A span that nobody can reach any more, but whose trace still waits, is kept by the trace.
pub(crate) type Parentage = (Option<SpanId>, Weak<Record>);

pub(crate) fn child_of(parent: &Arc<Record>) -> Parentage {
    (Some(parent.id), Arc::downgrade(parent))
}
