//! The builder of a span.

use std::{borrow::Cow, cell::Cell, fmt, panic::Location, sync::Arc, time::SystemTime};

use crate::{
    awake::is_dormant,
    names,
    recording::{
        Effect, Field, Kind, OpenSpan, OwnedSpan, Span, State, TagSet, Tracer, Unshared, report,
    },
    scope::CarriedSpan,
    unix_time::unix_nanos,
    values::{Baggage, SamplingPriority, SpanContext, SpanKind, SpanLink, TagValue},
};

/// A builder of a span; returned by [`span`](crate::span), [`Span::child`] and [`Tracer::span`].
///
/// By default, the span becomes a child of the current span, with its service and its baggage; if
/// there is none, it begins a new trace.
///
/// ```
/// # mod packdog { pub use packdog_api::*; pub mod span { pub use packdog_api::*; } }
/// use packdog::{span, span::SpanKind};
///
/// let order = span("order.handle").start();
/// let payment = span("order.pay")
///     .child_of(&order)
///     .service("cashier")
///     .resource("POST /payments")
///     .span_type("http")
///     .kind(SpanKind::Client)
///     .tag("amount", 7.5)
///     .start(); // Not current until entered.
/// payment.finish();
/// ```
#[must_use = "a builder does nothing until it is started"]
pub struct SpanBuilder(
    /// `None` while no tracer exists in this process: then nothing is stored.
    pub(super) Option<Draft>,
);

/// A span that has not started. Two pointers, because each method moves the builder.
#[derive(Debug)]
pub(super) struct Draft {
    /// Not shared before the span has finished.
    pub(super) state: Arc<State>,
    pub(super) form: Box<Form>,
}

thread_local! {
    /// An empty form for the next builder of this thread, which nearly always follows.
    static SPARE: Cell<Option<Box<Form>>> = const { Cell::new(None) };
}

/// The settings of a builder that the span does not keep.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) manual: Option<SamplingPriority>,
    pub(super) tracer: Option<Tracer>,
    pub(super) above: Above,
    /// The baggage that the span starts with, if it is not that of the parent.
    pub(super) baggage: Option<Baggage>,
    /// Nanoseconds of Unix time, if it is not the moment of the start.
    pub(super) start: Option<i64>,
    pub(super) created_at: &'static Location<'static>,
}

impl Form {
    fn new(created_at: &'static Location<'static>) -> Box<Self> {
        match SPARE.try_with(Cell::take).ok().flatten() {
            Some(mut spare) => {
                spare.created_at = created_at;
                spare
            }
            None => Box::new(Self {
                manual: None,
                tracer: None,
                above: Above::Current,
                baggage: None,
                start: None,
                created_at,
            }),
        }
    }

    /// Gives the thread the form back, from which everything has been taken.
    pub(super) fn keep(self: Box<Self>) {
        let _ = SPARE.try_with(|spare| spare.set(Some(self))); // Fails while the thread ends.
    }
}

/// The parent as a builder keeps it: a context at once where its trace will keep it, because it is
/// large.
#[derive(Debug, Default)]
pub(super) enum Above {
    #[default]
    Current,
    Span(Span),
    /// `None` for one that is empty.
    Context(Option<Arc<SpanContext>>),
}

impl From<Parent> for Above {
    #[inline]
    fn from(parent: Parent) -> Self {
        match parent {
            Parent::Current => Self::Current,
            Parent::Nothing => Self::Span(Span::nothing()),
            Parent::Span(span) => Self::Span(span),
            Parent::Context(context) => Self::of_context(context),
        }
    }
}

impl Above {
    fn of_context(context: SpanContext) -> Self {
        let is_empty = context == *SpanContext::empty();
        Self::Context((!is_empty).then(|| Arc::new(context)))
    }
}

/// The span or context that a new span continues.
#[expect(clippy::large_enum_variant, reason = "a parent is made once and consumed at once")]
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Parent {
    /// The current span, or nothing if there is none.
    #[default]
    Current,
    /// Nothing: the span begins a new trace.
    Nothing,
    /// This span, local or passing.
    Span(Span),
    /// A context, such as extraction returns.
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

impl Draft {
    #[track_caller]
    fn new(name: Cow<'static, str>) -> Self {
        let mut state = Arc::<State>::default(); // Made in its place, not moved there.
        if let Some(state) = state.unshared() {
            state.set_name(name);
        }
        Self { state, form: Form::new(Location::caller()) }
    }

    /// Changes the state, and applies the effects beyond the span.
    #[inline]
    fn edit(&mut self, change: impl FnOnce(&mut State) -> Effect) {
        if let Some(state) = self.state.unshared() {
            let effect = change(state);
            self.heed(effect);
        }
    }

    fn set_tag(&mut self, key: &str, value: &TagValue<'_>) {
        self.edit(|state| state.set_tag(key, value));
    }

    fn set_text(&mut self, key: &str, text: &str) {
        self.edit(|state| state.set_text(key, text));
    }

    /// Applies the effect of a tag or a link beyond the span.
    #[inline]
    fn heed(&mut self, effect: Effect) {
        if effect != Effect::None {
            self.heed_effect(effect);
        }
    }

    #[cold]
    fn heed_effect(&mut self, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Decides(priority) => self.form.manual = Some(priority),
            Effect::Misused(misuse) => {
                let tracer = self.form.tracer.clone().unwrap_or_else(Tracer::current);
                report(misuse, tracer.recorder());
            }
        }
    }
}

impl SpanBuilder {
    #[track_caller]
    #[inline]
    pub(crate) fn new(name: impl Into<Cow<'static, str>>) -> Self {
        if is_dormant() { Self(None) } else { Self(Some(Draft::new(name.into()))) }
    }

    /// Sets the tracer of the trace, if this span begins one.
    pub fn tracer(mut self, tracer: &Tracer) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.form.tracer = Some(tracer.clone());
        }
        self
    }

    /// Sets the parent: a span, an extracted context, or [`Parent::Nothing`] for a new trace.
    pub fn child_of(mut self, parent: impl Into<Parent>) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.form.above = parent.into().into();
        }
        self
    }

    /// Sets the service; that of the parent by default, or that of the tracer.
    pub fn service(self, service: impl Into<Cow<'static, str>>) -> Self {
        self.choose(Field::Service, service)
    }

    /// Sets the resource, such as `GET /users/{id}`; the operation name by default.
    #[inline]
    pub fn resource(self, resource: impl Into<Cow<'static, str>>) -> Self {
        self.choose(Field::Resource, resource)
    }

    /// Sets the type, such as `web`, `http` or `sql`; empty by default. On a started span,
    /// [`Span::set_type`] does it.
    pub fn span_type(self, span_type: impl Into<Cow<'static, str>>) -> Self {
        self.choose(Field::Type, span_type)
    }

    /// Sets the role of the span in a call.
    pub fn kind(self, kind: SpanKind) -> Self {
        self.tag(names::SPAN_KIND, kind.as_str())
    }

    /// Sets a tag, as [`Span::set_tag`] does. On a started span, [`Span::tag`] reads one.
    #[inline]
    pub fn tag<'v>(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<TagValue<'v>>,
    ) -> Self {
        if let Some(draft) = &mut self.0 {
            let (key, value) = (key.into(), value.into());
            match value.as_text() {
                Some(text) => draft.set_text(&key, text),
                None => draft.set_tag(&key, &value),
            }
        }
        self
    }

    /// Adds a link to a span of another trace; at most
    /// [`MAX_LINKS_PER_SPAN`](crate::MAX_LINKS_PER_SPAN).
    pub fn link(mut self, link: SpanLink) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.edit(|state| state.add_link(link));
        }
        self
    }

    /// Begins a new trace that is linked to `span` and starts with its baggage.
    ///
    /// For work that outlives its cause and would keep the trace open. If `span` is
    /// [ignored](Span::ignored), so is the new span.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use packdog::{current_span, span};
    ///
    /// let report = span("report.write").linked_to(&current_span()).start();
    /// # drop(report);
    /// ```
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
        if let Some(draft) = &mut self.0 {
            draft.form.tracer.get_or_insert_with(|| tracer.clone());
        }
        self
    }

    /// Sets the start time; the moment of [`start`](SpanBuilder::start) by default.
    ///
    /// ```
    /// # use packdog_api as packdog;
    /// use std::time::{Duration, SystemTime};
    /// use packdog::span;
    ///
    /// // Something that is over already.
    /// let began = SystemTime::now() - Duration::from_secs(60);
    /// let lunch = span("lunch.eat").start_at(began).start();
    /// lunch.finish_at(began + Duration::from_secs(30));
    /// ```
    pub fn start_at(mut self, time: SystemTime) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.form.start = Some(unix_nanos(time));
        }
        self
    }

    fn choose(self, field: Field, value: impl Into<Cow<'static, str>>) -> Self {
        self.with(|state| {
            state.choose(field.choice());
            state.set_field(field, value);
        })
    }

    /// Sets a resource that is replaced by one that the application sets on the span.
    #[doc(hidden)]
    pub fn derived_resource(self, resource: impl Into<Cow<'static, str>>) -> Self {
        self.with(|state| state.set_resource(resource))
    }

    /// Like [`derived_resource`](SpanBuilder::derived_resource), with a text that is copied once.
    #[doc(hidden)]
    pub fn derived_resource_text(self, resource: &str) -> Self {
        self.with(|state| state.set_resource_text(resource))
    }

    /// Sets a service that is replaced by one that the application sets on the span.
    #[doc(hidden)]
    pub fn derived_service(self, service: impl Into<Cow<'static, str>>) -> Self {
        self.with(|state| state.set_service(service))
    }

    /// Sets a type that is replaced by one that the application sets on the span.
    #[doc(hidden)]
    pub fn derived_type(self, span_type: impl Into<Cow<'static, str>>) -> Self {
        self.with(|state| state.set_type(span_type))
    }

    /// Sets a tag that is replaced by one that the application sets on the span.
    #[doc(hidden)]
    pub fn derived_tag<'v>(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<TagValue<'v>>,
    ) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.edit(|state| state.derive_tag(&key.into(), &value.into()));
        }
        self
    }

    /// Sets tags with these texts that are replaced by those that the application sets on the span.
    /// Their names are not reserved ones.
    #[doc(hidden)]
    pub fn derived_texts<'t>(
        mut self,
        texts: impl IntoIterator<Item = (&'static str, &'t str)>,
    ) -> Self {
        if let Some(draft) = &mut self.0 {
            for (key, text) in texts {
                draft.edit(|state| state.derive_text(key, text));
            }
        }
        self
    }

    /// Like [`derived_texts`](SpanBuilder::derived_texts), with one text in pieces.
    #[doc(hidden)]
    pub fn derived_pieces<const N: usize>(mut self, key: &'static str, text: [&str; N]) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.edit(|state| state.derive_pieces(key, text));
        }
        self
    }

    /// Adds the tags of a set.
    #[doc(hidden)]
    pub fn tag_set(self, set: &TagSet) -> Self {
        self.with(|state| state.add_set(set))
    }

    /// Sets the baggage that the span starts with; that of the parent by default.
    #[doc(hidden)]
    pub fn starting_baggage(mut self, baggage: Baggage) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.form.baggage = Some(baggage);
        }
        self
    }

    /// Changes the span through another API before it starts.
    #[doc(hidden)]
    pub fn edit_open(mut self, change: impl FnOnce(&mut OpenSpan<'_>)) -> Self {
        if let Some(draft) = &mut self.0
            && let Some(state) = draft.state.unshared()
        {
            let [misuse, decision] = state.open(change);
            draft.heed(misuse);
            draft.heed(decision);
        }
        self
    }

    fn with(mut self, change: impl FnOnce(&mut State)) -> Self {
        if let Some(state) = self.0.as_mut().and_then(|draft| draft.state.unshared()) {
            change(state);
        }
        self
    }
}

impl Span {
    /// Returns a builder for a child of this span.
    #[track_caller]
    pub fn child(&self, name: impl Into<Cow<'static, str>>) -> SpanBuilder {
        let mut builder = SpanBuilder::new(name);
        if let Some(draft) = &mut builder.0 {
            draft.form.above = Above::Span(self.clone());
        }
        builder
    }
}

impl From<SpanBuilder> for CarriedSpan {
    fn from(builder: SpanBuilder) -> Self {
        builder.start().into()
    }
}

/// Only the operation name, as for a started span.
impl fmt::Debug for SpanBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(draft) => write!(f, "SpanBuilder({})", draft.state.name),
            None => f.write_str("SpanBuilder(none)"),
        }
    }
}
