//! The fields of one span, and the changes that tags make to them.

use std::{borrow::Cow, sync::Arc};

use smol_str::SmolStr;

use super::{KeyBits, TagSet, Tags};
use crate::{
    misuse::Misuse,
    names::{self, reserved},
    render::MAX_MESSAGE_BYTES,
    text::{cut, text},
    values::{SamplingPriority, SpanEvent, SpanId, SpanLink, TagValue},
};

/// 128: the most links that one span holds; more new ones are dropped and counted.
pub const MAX_LINKS_PER_SPAN: usize = 128;
/// 1024: the most events that one span holds; more new ones are dropped and counted.
pub const MAX_EVENTS_PER_SPAN: usize = 1024;
/// The most bytes of a service or an operation name, as the Datadog Agent cuts them.
const MAX_NAME_BYTES: usize = 100;
/// The most bytes of a resource, as the Datadog Agent cuts it.
const MAX_RESOURCE_BYTES: usize = 5_000;

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// `None` before the span starts.
    pub(crate) id: Option<SpanId>,
    /// The parent, local or remote.
    pub(crate) parent_id: Option<SpanId>,
    /// Whether it is the first span of its trace in this process.
    pub(crate) is_local_root: bool,
    pub(crate) name: SmolStr,
    pub(crate) service: SmolStr,
    /// The service of the local parent when this span started, in case the parent has left.
    pub(crate) parent_service: Option<SmolStr>,
    pub(crate) resource: Option<SmolStr>,
    pub(crate) span_type: SmolStr,
    /// Nanoseconds of Unix time.
    pub(crate) start: i64,
    /// Nanoseconds; zero while the span is open.
    pub(crate) duration: i64,
    pub(crate) is_error: bool,
    pub(crate) is_top_level: bool,
    pub(crate) tags: Tags,
    pub(crate) links: Vec<SpanLink>,
    pub(crate) events: Vec<SpanEvent>,
    /// The fields that the application chose, as bits of [`choice`].
    chosen: u8,
    /// The notes of another API over the same spans about this one.
    pub(crate) notes: u8,
}

const RESERVED_BITS: KeyBits = KeyBits::of_all(&names::RESERVED);

/// Access to a state that nothing else refers to.
pub(crate) trait Unshared {
    /// Returns the state, which is not shared before its span finishes: then always something.
    fn unshared(&mut self) -> Option<&mut State>;
}

impl Unshared for Arc<State> {
    #[inline]
    fn unshared(&mut self) -> Option<&mut State> {
        let state = Arc::get_mut(self);
        debug_assert!(state.is_some(), "a state that is shared never changes");
        state
    }
}

/// The fields of a span that are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    Service,
    Resource,
    Type,
}

/// Bits for the fields that the application chose.
pub(crate) mod choice {
    pub(crate) const ERROR: u8 = 1 << 4;
}

impl Field {
    /// Returns the field of a reserved name.
    fn of(name: &str) -> Option<Self> {
        match name {
            reserved::OPERATION_NAME => Some(Self::Name),
            reserved::SERVICE => Some(Self::Service),
            reserved::RESOURCE => Some(Self::Resource),
            reserved::TYPE => Some(Self::Type),
            _ => None,
        }
    }

    pub(crate) fn choice(self) -> u8 {
        1 << self as u8
    }
}

/// The effect of a tag beyond the span that it is set on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    None,
    /// It decides about the trace.
    Decides(SamplingPriority),
    /// The tag was dropped.
    Misused(Misuse),
}

impl State {
    #[inline]
    pub(crate) fn set_name(&mut self, name: impl Into<Cow<'static, str>>) {
        self.name = text(name, MAX_NAME_BYTES);
    }

    pub(crate) fn set_service(&mut self, service: impl Into<Cow<'static, str>>) {
        self.service = text(service, MAX_NAME_BYTES);
    }

    pub(crate) fn set_resource(&mut self, resource: impl Into<Cow<'static, str>>) {
        self.resource = Some(Self::resource_text(resource));
    }

    pub(super) fn resource_text(resource: impl Into<Cow<'static, str>>) -> SmolStr {
        text(resource, MAX_RESOURCE_BYTES)
    }

    /// Like [`set_resource`](Self::set_resource), with a text that is copied once.
    pub(crate) fn set_resource_text(&mut self, resource: &str) {
        self.resource = Some(SmolStr::new(cut(resource, MAX_RESOURCE_BYTES)));
    }

    pub(crate) fn set_type(&mut self, span_type: impl Into<Cow<'static, str>>) {
        self.span_type = Self::type_text(span_type);
    }

    pub(super) fn type_text(span_type: impl Into<Cow<'static, str>>) -> SmolStr {
        text(span_type, MAX_NAME_BYTES)
    }

    pub(crate) fn set_field(&mut self, field: Field, value: impl Into<Cow<'static, str>>) {
        match field {
            Field::Name => self.set_name(value),
            Field::Service => self.set_service(value),
            Field::Resource => self.set_resource(value),
            Field::Type => self.set_type(value),
        }
    }

    /// Records that the application chose the field, even if the value does not change.
    pub(crate) fn choose(&mut self, choice: u8) {
        self.chosen |= choice;
    }

    /// Whether the application chose the field, so that derived values are ignored.
    pub(crate) fn is_chosen(&self, choice: u8) -> bool {
        self.chosen & choice != 0
    }

    /// Sets a tag for the application, or the field or decision of a reserved name.
    #[inline]
    pub(crate) fn set_tag(&mut self, key: &str, value: &TagValue<'_>) -> Effect {
        if names::may_be_reserved(key) {
            return self.set_reserved(key, value);
        }
        self.put_tag(key, value, false)
    }

    /// Like [`set_tag`](State::set_tag), with a text.
    #[inline]
    pub(crate) fn set_text(&mut self, key: &str, text: &str) -> Effect {
        // Its bits, which the tags need anyway, rule out nearly all names.
        let bits = KeyBits::of(key);
        let may_be_reserved = bits.overlaps(RESERVED_BITS) && names::may_be_reserved(key);
        if !may_be_reserved && self.tags.own_mut().add_short_text(key, bits, text) {
            return Effect::None;
        }
        self.set_long_text(key, text)
    }

    #[cold]
    fn set_long_text(&mut self, key: &str, text: &str) -> Effect {
        self.set_tag(key, &text.into())
    }

    /// Sets the field or the decision of a reserved name, or else a tag.
    fn set_reserved(&mut self, key: &str, value: &TagValue<'_>) -> Effect {
        if value.stored().is_none() {
            return Effect::None;
        }
        let field = match key {
            reserved::KEEP => return Effect::Decides(SamplingPriority::USER_KEEP),
            reserved::DROP => return Effect::Decides(SamplingPriority::USER_DROP),
            reserved::ERROR => return self.set_error_tag(value),
            name => match Field::of(name) {
                Some(field) => field,
                None => return self.put_tag(key, value, false),
            },
        };
        self.choose(field.choice());
        match (value.as_str(), value.as_f64()) {
            (Some(text), _) => self.set_field(field, text.to_owned()),
            (None, number) => self.set_field(field, number.unwrap_or(0.0).to_string()),
        }
        Effect::None
    }

    /// Sets a tag that a layer derived, unless the application has set it; a reserved name has the
    /// same meaning as in [`set_tag`](State::set_tag).
    pub(crate) fn derive_tag(&mut self, key: &str, value: &TagValue<'_>) -> Effect {
        if names::may_be_reserved(key) && names::is_reserved(key) {
            return self.derive_reserved(key, value);
        }
        if self.tags.is_chosen(key) {
            return Effect::None;
        }
        self.put_tag(key, value, true)
    }

    /// Like [`derive_tag`](State::derive_tag), with a text whose name is not reserved.
    pub(crate) fn derive_text(&mut self, key: &'static str, text: &str) -> Effect {
        debug_assert!(!names::is_reserved(key), "{key}");
        if self.tags.own_mut().add_derived_text(key, text) {
            return Effect::None;
        }
        self.derive_tag(key, &text.into())
    }

    /// Like [`derive_text`](State::derive_text), with a text in pieces.
    pub(crate) fn derive_pieces<const N: usize>(
        &mut self,
        key: &'static str,
        pieces: [&str; N],
    ) -> Effect {
        debug_assert!(!names::is_reserved(key), "{key}");
        if self.tags.own_mut().add_derived_pieces(key, pieces) {
            return Effect::None;
        }
        self.derive_tag(key, &pieces.concat().into())
    }

    /// Adds the tags of a set, none of whose names is reserved, and takes its resource and type.
    #[inline]
    pub(crate) fn add_set(&mut self, set: &TagSet) {
        if let Some(resource) = &set.resource {
            self.resource = Some(resource.clone());
        }
        if let Some(span_type) = &set.span_type {
            self.span_type = span_type.clone();
        }
        if !self.tags.own_mut().begin_with(set.tags()) {
            for (key, value, is_derived) in set.tags().with_origins() {
                if !is_derived || !self.tags.is_chosen(key) {
                    self.put_tag(key, &value.into(), is_derived);
                }
            }
        }
    }

    /// Sets the field or the decision of a reserved name, which comes from a header that the
    /// configuration lists, unless the application has set it. No other derived value replaces
    /// such a field, because the list is more specific; an error replaces such a mark.
    fn derive_reserved(&mut self, key: &str, value: &TagValue<'_>) -> Effect {
        if key == reserved::ERROR {
            let is_free = value.stored().is_some() && !self.is_chosen(choice::ERROR);
            return if is_free { self.put_error_mark(value, true) } else { Effect::None };
        }
        let is_kept = Field::of(key).is_some_and(|field| {
            // A header that is there without a value names nothing.
            self.is_chosen(field.choice()) || value.as_str().is_some_and(str::is_empty)
        });
        if is_kept { Effect::None } else { self.set_reserved(key, value) }
    }

    #[inline]
    pub(super) fn put_tag(&mut self, key: &str, value: &TagValue<'_>, is_derived: bool) -> Effect {
        let has_room = self.tags.put(key, value, is_derived);
        if has_room { Effect::None } else { Effect::Misused(Misuse::TooManyTags) }
    }

    /// Sets a tag for the application to a text; no name is reserved.
    #[inline]
    pub(super) fn put_text(&mut self, key: &str, text: &str) -> Effect {
        let own = self.tags.own_mut();
        let has_room =
            own.add_short_text(key, KeyBits::of(key), text) || own.put(key, text.into(), false);
        if has_room { Effect::None } else { Effect::Misused(Misuse::TooManyTags) }
    }

    /// Like [`put_text`](State::put_text), unless the span itself has the tag.
    #[inline]
    pub(super) fn add_text(&mut self, key: &str, text: &str) -> Effect {
        let tags = self.tags.own_mut();
        let has_room =
            tags.add_short_text(key, KeyBits::of(key), text) || tags.put_new(key, text.into());
        if has_room { Effect::None } else { Effect::Misused(Misuse::TooManyTags) }
    }

    /// Sets the error mark for the application.
    fn set_error_tag(&mut self, value: &TagValue<'_>) -> Effect {
        self.choose(choice::ERROR);
        self.put_error_mark(value, false)
    }

    /// Sets the error mark; a text that reports an error becomes its message as well.
    fn put_error_mark(&mut self, value: &TagValue<'_>, is_derived: bool) -> Effect {
        let text = value.as_str();
        let number = value.as_f64();
        self.is_error = text.is_some_and(names::reports_error) || number.is_some_and(|n| n != 0.0);
        match text {
            Some(text) if self.is_error && !matches!(text, "true" | "1") => {
                let message = TagValue::from(cut(text, MAX_MESSAGE_BYTES));
                if is_derived {
                    self.derive_tag(names::ERROR_MESSAGE, &message)
                } else {
                    self.put_tag(names::ERROR_MESSAGE, &message, false)
                }
            }
            _ => Effect::None,
        }
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

    /// Returns an estimate of the bytes of the encoded span, including the memory that it takes
    /// until then.
    pub(crate) fn bytes(&self) -> usize {
        let resource = self.resource.as_ref().map_or(0, SmolStr::len);
        let fields = self.name.len() + self.service.len() + resource + self.span_type.len();
        let lists = if self.links.capacity() == 0 && self.events.capacity() == 0 {
            0 // Nearly all spans.
        } else {
            self.list_bytes()
        };
        size_of::<Self>() + fields + self.tags.bytes() + lists
    }

    /// Removes everything whose size the application chooses, but for the fields.
    pub(crate) fn shed(&mut self) {
        self.tags = Tags::default();
        self.links = Vec::new();
        self.events = Vec::new();
    }

    fn list_bytes(&self) -> usize {
        let links = self.links.iter().map(SpanLink::memory_bytes).sum::<usize>();
        let events = self.events.iter().map(SpanEvent::memory_bytes).sum::<usize>();
        let spare = (self.links.capacity() - self.links.len()) * size_of::<SpanLink>()
            + (self.events.capacity() - self.events.len()) * size_of::<SpanEvent>();
        links + events + spare
    }
}
