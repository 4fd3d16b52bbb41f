//! The fields of one span, and the changes that tags make to them.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::Tags;
use crate::{
    misuse::Misuse,
    text::text,
    values::{SamplingPriority, SpanEvent, SpanLink, TagValue},
};

/// The most links that one span holds; more new ones are dropped and counted.
pub const MAX_LINKS_PER_SPAN: usize = 128;
/// The most events that one span holds; more new ones are dropped and counted.
pub const MAX_EVENTS_PER_SPAN: usize = 1024;
/// The most bytes of a service or an operation name, as the Datadog Agent cuts them.
const MAX_NAME_BYTES: usize = 100;
/// The most bytes of a resource, as the Datadog Agent cuts it.
const MAX_RESOURCE_BYTES: usize = 5_000;

#[derive(Clone, Debug, Default)]
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
