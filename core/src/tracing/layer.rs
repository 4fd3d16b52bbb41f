//! The layer that starts a Datadog span for each span of `tracing`.
//!
//! Our span is stored in the extensions of the registry, and finishes when `tracing` closes its
//! counterpart. The registry's locks are held only to read the extension, and not while packdog or
//! a `Debug` of the application runs.

use tracing_core::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    filter::{Filtered, LevelFilter},
    layer::{Context, Layer},
    registry::{LookupSpan, SpanRef},
};

use super::{entered, event, fields::Tags};
use crate::{
    OwnedSpan, Span, Tracer,
    correlation::is_of_opentelemetry,
    span::{Parent, SpanLink},
    tags::COMPONENT,
};

/// Returns a layer that records spans of level `INFO` and above; events of level `ERROR` mark their
/// span.
///
/// The filter applies only to this layer: other layers still see spans and events of lower levels.
/// To use another filter, put it on a [`SpanLayer`]; a filter around this layer can only narrow it.
///
/// ```
/// use packdog::tracing::SpanLayer;
/// use tracing_subscriber::{filter::Targets, prelude::*, registry};
///
/// let filter: Targets = "info,h2=off,sqlx=debug".parse()?;
/// let subscriber = registry().with(SpanLayer::new().with_filter(filter));
/// # drop(subscriber);
/// # Ok::<(), tracing_subscriber::filter::ParseError>(())
/// ```
pub fn layer<S>() -> Filtered<SpanLayer, LevelFilter, S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    SpanLayer::new().with_filter(LevelFilter::INFO)
}

/// A layer that starts a Datadog span for each span of `tracing` that it sees; [`layer`] returns
/// one with a filter.
///
/// **`parent: None` does not begin a new trace**: `tracing` does not distinguish it from a parent
/// that a filter has disabled, as that of tower-http's `TraceLayer` often is. In both cases the
/// parent is the current span.
///
/// | `tracing` | Datadog |
/// |---|---|
/// | name | operation name, and resource unless a field sets it |
/// | target up to the first `::` | tag `component`: the library whose work the span describes |
/// | fields, also those recorded later | tags of the same names; see below |
/// | contextual parent | the current span, whether `tracing` or packdog started it |
/// | `parent: &span` | that span, or its nearest ancestor that the filter lets through |
/// | `parent: None`, or a span that is disabled and has no recorded ancestor | the current span |
/// | `follows_from` | a link |
/// | event of level `ERROR` in the span | error mark, message and causes; the first one stays |
///
/// The level and the place in the code are not recorded.
///
/// Some fields do more than set a tag: `error` and `exception` mark the span, `otel.name` sets the
/// resource, `otel.kind` the tag `span.kind`, `otel.status_code` the error mark and
/// `otel.status_message` its message. `resource.name`, `service.name`, `operation.name`,
/// `span.type`, `manual.keep` and `manual.drop` act as they do in
/// [`Span::set_tag`](crate::Span::set_tag).
///
/// An event marks the `tracing` span in which it happens. It does not mark spans started with
/// packdog: a logged error does not have to mean that the request failed.
///
/// Only one such layer in a registry is active; a second one does nothing.
#[derive(Clone, Debug, Default)]
pub struct SpanLayer {
    tracer: Option<Tracer>,
    keeps_events: bool,
}

impl SpanLayer {
    /// Returns a layer without a filter.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the tracer of traces that begin in this layer; by default that of the scope, else the
    /// installed one.
    pub fn tracer(mut self, tracer: &Tracer) -> Self {
        self.tracer = Some(tracer.clone());
        self
    }

    /// Also adds each event that the filter lets through to its span, as a
    /// [`SpanEvent`](packdog_api::SpanEvent). Off by default, because logs are usually sent
    /// separately.
    pub fn span_events(mut self, keeps_events: bool) -> Self {
        self.keeps_events = keeps_events;
        self
    }

    fn open(&self, metadata: &'static Metadata<'static>, parent: Parent) -> OwnedSpan {
        let builder = crate::span(metadata.name()).child_of(parent);
        match &self.tracer {
            Some(tracer) => builder.tracer(tracer),
            None => builder,
        }
        .start()
    }
}

/// Our span, as an extension of the `tracing` span.
struct Bridged(OwnedSpan);

/// The Datadog span of a `tracing` span.
pub(super) fn bridged<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Span> {
    span.extensions().get::<Bridged>().map(|Bridged(span)| span.handle())
}

/// Returns the Datadog span of this `tracing` span, or of its nearest ancestor that has one.
pub(super) fn nearest<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Span> {
    span.scope().find_map(|span| bridged(&span))
}

fn find<S>(id: &Id, context: &Context<'_, S>) -> Option<Span>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    context.span(id).as_ref().and_then(bridged)
}

impl<S> Layer<S> for SpanLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(theirs) = context.span(id) else { return };
        if bridged(&theirs).is_some() {
            return;
        }
        // The callbacks: entering a `tracing` span enters ours.
        let named = (!attributes.is_contextual()).then(|| theirs.parent()).flatten();
        let named = named.and_then(|span| nearest(&span));
        let parent = named.map_or(Parent::Current, Parent::Span);
        let metadata = attributes.metadata();
        let span = self.open(metadata, parent);
        if span.is_nothing() {
            return;
        }
        if span.is_recording() {
            span.set_tag(COMPONENT, library(metadata));
            attributes.record(&mut Tags(&span));
        }
        let _ = theirs.extensions_mut().replace(Bridged(span)); // There was none.
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = find(id, &context) {
            values.record(&mut Tags(&span));
        }
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        if let (Some(span), Some(followed)) = (find(id, &context), find(follows, &context))
            && let Some(link) = SpanLink::to(&followed.context())
        {
            span.add_link(link);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let is_error = event::is_error(event.metadata());
        let is_unwanted = !self.keeps_events && !is_error;
        if is_unwanted || is_of_opentelemetry(event.metadata().target()) {
            return;
        }
        let Some(span) = context.event_span(event).as_ref().and_then(bridged) else { return };
        if !span.is_recording() {
            return;
        }
        if is_error {
            event::mark_error(&span, event);
        }
        if self.keeps_events {
            span.add_event(event::span_event(event));
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = find(id, &context) {
            entered::push(&span);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = find(id, &context) {
            entered::pop(&span);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let closed = context.span(&id).and_then(|span| span.extensions_mut().remove::<Bridged>());
        drop(closed); // Finishes our span, after the registry's lock was released.
    }
}

/// Returns the crate that opened the span, according to its target.
fn library(metadata: &'static Metadata<'static>) -> &'static str {
    let target = metadata.target();
    target.split_once("::").map_or(target, |(library, _)| library)
}
