//! A span of OpenTelemetry's API: an owner of an open span of packdog, or a view of one.

mod attribute;
mod convert;
mod meaning;
mod name;
mod span_type;
mod start;
mod status;
mod telling;

use std::{borrow::Cow, error::Error, fmt, sync::OnceLock, time::SystemTime};

use opentelemetry::{
    KeyValue,
    trace::{self, SpanContext, Status},
};
use packdog_api::{OwnedSpan, implementation::OpenSpan, internal};

pub(crate) use self::start::start;
use self::{name::Attributes, telling::Telling};
use crate::{notes::Kind, registry::Listing, w3c};

/// A span of OpenTelemetry's API, made by a [`Tracer`](crate::Tracer).
///
/// It owns an open span of packdog, which dropping it finishes. Inside a `Context` that packdog's
/// API attached, it is a view: dropping that finishes nothing, and `end` finishes packdog's span.
/// Changes after the end do nothing.
pub struct Span {
    span: Hold,
    /// Made when it is first needed.
    context: OnceLock<KnownContext>,
}

enum Hold {
    Owned(OwnedSpan),
    View(packdog_api::Span),
}

/// The context of a span, and the entry by which the span is found from that context.
struct KnownContext {
    context: SpanContext,
    _listing: Option<Listing>,
}

impl Span {
    pub(crate) fn owning(span: OwnedSpan) -> Self {
        Self { span: Hold::Owned(span), context: OnceLock::new() }
    }

    pub(crate) fn viewing(span: packdog_api::Span) -> Self {
        Self { span: Hold::View(span), context: OnceLock::new() }
    }

    /// Returns a span that records nothing and has this context.
    pub(crate) fn nothing(context: SpanContext) -> Self {
        let known = KnownContext { context, _listing: None };
        Self { span: Hold::View(packdog_api::Span::nothing()), context: known.into() }
    }

    pub(crate) fn of_packdog(&self) -> &packdog_api::Span {
        match &self.span {
            Hold::Owned(span) => span,
            Hold::View(span) => span,
        }
    }

    fn edit(&self, change: impl FnOnce(&mut OpenSpan<'_>)) {
        self.of_packdog().edit_open(change);
    }
}

impl trace::Span for Span {
    fn add_event_with_timestamp<T>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) where
        T: Into<Cow<'static, str>>,
    {
        if self.is_recording() {
            let event = convert::event(name.into(), timestamp, attributes);
            self.edit(|span| status::add_event(span, event));
        }
    }

    /// Adds an event `exception` with the error's message, and its causes as the stack trace.
    ///
    /// The API's `BoxedSpan` and `SpanRef` never call this: they add the message alone.
    fn record_error(&mut self, error: &dyn Error) {
        if !self.is_recording() {
            return;
        }
        let mut attributes = vec![KeyValue::new("exception.message", internal::message(error))];
        let causes = internal::causes(error, MAX_CAUSES_BYTES);
        if !causes.is_empty() {
            attributes.push(KeyValue::new("exception.stacktrace", causes));
        }
        self.add_event("exception", attributes);
    }

    fn span_context(&self) -> &SpanContext {
        let span = self.of_packdog();
        let known = self.context.get_or_init(|| KnownContext {
            context: w3c::context_of(span),
            _listing: Listing::of(span),
        });
        &known.context
    }

    fn is_recording(&self) -> bool {
        self.of_packdog().is_open()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.edit(|span| attribute::set(span, &attribute));
    }

    fn set_status(&mut self, status: Status) {
        self.edit(|span| status::set_status(span, &status));
    }

    /// Sets the resource: the operation name stays.
    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        if self.is_recording() {
            let resource = new_name.into();
            self.edit(|span| attribute::set_resource(span, resource));
        }
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        if self.is_recording()
            && let Some(link) = convert::link(&span_context, attributes)
        {
            self.edit(|span| span.add_link(link));
        }
    }

    /// Ends the span now, by the clock of its trace.
    fn end(&mut self) {
        self.of_packdog().finish();
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.of_packdog().finish_at(timestamp);
    }
}

/// The most bytes of a stack that are kept.
const MAX_CAUSES_BYTES: usize = packdog_api::MAX_TAG_VALUE_BYTES;

/// Derives the operation name and the type, unless the application set them, where all attributes
/// that they may depend on are in the groups `told`.
fn derive(span: &mut OpenSpan<'_>, kind: Kind, told: Telling) {
    let attributes = Tags(span);
    let has_database = kind == Kind::Client && told.has(Telling::DB);
    let database = if has_database { attributes.database() } else { None };
    let name = name::operation_name(kind, told, database.as_deref(), &attributes);
    let span_type = span_type::span_type(kind, database.as_deref());
    span.derive_name(name);
    if let Some(span_type) = span_type {
        span.derive_type(span_type);
    }
}

/// The attributes that have become tags.
struct Tags<'a, 'span>(&'a OpenSpan<'span>);

impl Attributes for Tags<'_, '_> {
    fn has(&self, key: &str) -> bool {
        self.0.tag(key).is_some()
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.0.tag(key)?.as_str().filter(|text| !text.is_empty())
    }
}

/// Only the name and the ids.
impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.of_packdog().fmt(f)
    }
}
