//! The context that travels from span to span and across services: ids, sampling decision, origin,
//! trace tags and baggage.

use std::{borrow::Cow, sync::LazyLock};

use smol_str::SmolStr;

use super::{Baggage, Probability, SamplingPriority, SpanId, SpanLink, TraceId, TraceTags};
use crate::shared_text::SharedText;

/// The part of a span from which other spans continue: trace, parent, sampling decision and
/// baggage.
///
/// Extraction reads one from headers; [`Span::context`](crate::Span::context) returns that of a
/// span. It may hold baggage without a trace: then a span that continues it starts a new trace with
/// that baggage.
///
/// ```
/// # mod packdog { pub use packdog_api::*; pub mod span { pub use packdog_api::*; } }
/// use packdog::{Baggage, span::SpanContext};
///
/// let baggage = Baggage::from_iter([("plan", "pro")]);
/// let context = SpanContext::new().with_baggage(baggage);
/// assert_eq!(context.trace_id(), None);
/// assert_eq!(context.baggage().get("plan"), Some("pro"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpanContext {
    pub(crate) trace_id: Option<TraceId>,
    pub(crate) span_id: Option<SpanId>,
    pub(crate) is_local: bool,
    pub(crate) has_random_trace_id: bool,
    pub(crate) sampling_priority: Option<SamplingPriority>,
    pub(crate) probability: Probability,
    pub(crate) origin: Option<SmolStr>,
    pub(crate) trace_tags: TraceTags,
    pub(crate) tracestate: Option<SharedText>,
    pub(crate) last_parent_id: Option<SmolStr>,
    pub(crate) propagation_error: Option<SmolStr>,
    pub(crate) links: Vec<SpanLink>,
    pub(crate) baggage: Baggage,
}

impl SpanContext {
    /// 256: the most bytes of an origin. Every span of the trace repeats it.
    pub const MAX_ORIGIN_BYTES: usize = 256;

    /// Returns a reference to an empty context.
    pub(crate) fn empty() -> &'static Self {
        static EMPTY: LazyLock<SpanContext> = LazyLock::new(SpanContext::new);
        &EMPTY
    }

    /// Returns an empty context: no trace, no baggage.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the trace, and the span in it that is the parent of continuing spans.
    ///
    /// `None` continues the trace without a parent, as requests of browsers and synthetic tests
    /// require.
    pub fn with_trace(mut self, trace_id: TraceId, span_id: impl Into<Option<SpanId>>) -> Self {
        self.trace_id = Some(trace_id);
        self.span_id = span_id.into();
        self
    }

    /// Sets whether the span belongs to this process, as it does for
    /// [`Span::context`](crate::Span::context); `false` by default. Only a local span is named in
    /// `tracestate` as the last Datadog span.
    pub fn with_local(mut self, is_local: bool) -> Self {
        self.is_local = is_local;
        self
    }

    /// Sets whether the trace id is known to be random, the flag `random` of W3C Trace Context
    /// Level 2; `false` by default. The flag travels with the trace.
    pub fn with_random_trace_id(mut self, is_random: bool) -> Self {
        self.has_random_trace_id = is_random;
        self
    }

    /// Sets the sampling decision that came with the trace.
    pub fn with_sampling_priority(mut self, priority: impl Into<Option<SamplingPriority>>) -> Self {
        self.sampling_priority = priority.into();
        self
    }

    /// Sets the probability behind the sampling decision, for the member `ot` of `tracestate`.
    pub fn with_probability(mut self, probability: Probability) -> Self {
        self.probability = probability;
        self
    }

    /// Sets the product that started the trace, such as `rum` or `synthetics`. One of more than
    /// [`MAX_ORIGIN_BYTES`](Self::MAX_ORIGIN_BYTES) is left out.
    pub fn with_origin(mut self, origin: &str) -> Self {
        self.origin = (origin.len() <= Self::MAX_ORIGIN_BYTES).then(|| SmolStr::new(origin));
        self
    }

    /// Sets the tags of the whole trace.
    pub fn with_trace_tags(mut self, tags: TraceTags) -> Self {
        self.trace_tags = tags;
        self
    }

    /// Sets the `tracestate` members of other vendors, joined by `,` in the received order.
    pub fn with_tracestate(mut self, members: &str) -> Self {
        self.tracestate = Some(members.into());
        self
    }

    /// Sets the id of the nearest Datadog span upstream, from `tracestate`: usually 16 hex digits,
    /// kept as received and not checked. It becomes the tag `_dd.parent_id` of the local root.
    pub fn with_last_parent_id(mut self, id: &str) -> Self {
        self.last_parent_id = Some(SmolStr::new(id));
        self
    }

    /// Sets the problem that was found in the headers; it becomes the tag `_dd.propagation_error`
    /// of the local root.
    pub fn with_propagation_error(mut self, error: impl Into<Cow<'static, str>>) -> Self {
        self.propagation_error = Some(error.into().into());
        self
    }

    /// Adds a link that the local root will carry.
    pub fn with_link(mut self, link: SpanLink) -> Self {
        self.links.push(link);
        self
    }

    /// Returns only the baggage: spans that continue it start a new trace.
    pub fn without_trace(self) -> Self {
        Self { baggage: self.baggage, ..Self::new() }
    }

    /// Sets the baggage.
    pub fn with_baggage(mut self, baggage: Baggage) -> Self {
        self.baggage = baggage;
        self
    }

    /// About how much memory the texts of a received context take.
    pub(crate) fn memory_bytes(&self) -> usize {
        let texts = [&self.origin, &self.last_parent_id, &self.propagation_error];
        let texts = texts.into_iter().flatten().map(|text| text.len()).sum::<usize>();
        let tracestate = self.tracestate.as_ref().map_or(0, |text| text.len());
        texts + tracestate + self.trace_tags.memory_bytes() + self.baggage.memory_bytes()
    }

    /// Whether there is nothing to continue: no trace, no decision, no link and no baggage.
    pub fn is_empty(&self) -> bool {
        self.trace_id.is_none()
            && self.sampling_priority.is_none()
            && self.links.is_empty()
            && self.baggage.is_empty()
    }

    /// Returns the trace; `None` if this is only baggage.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.trace_id
    }

    /// Returns the parent of spans that continue this context.
    pub fn span_id(&self) -> Option<SpanId> {
        self.span_id
    }

    /// Whether the context belongs to a span in this process rather than to received headers.
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// Whether the trace id is known to be random; see
    /// [`with_random_trace_id`](Self::with_random_trace_id).
    pub fn has_random_trace_id(&self) -> bool {
        self.has_random_trace_id
    }

    /// Returns the sampling decision, if there already is one.
    pub fn sampling_priority(&self) -> Option<SamplingPriority> {
        self.sampling_priority
    }

    /// Returns the probability behind the sampling decision.
    pub fn probability(&self) -> Probability {
        self.probability
    }

    /// Returns the product that started the trace.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Returns the tags of the whole trace, whose names start with `_dd.p.`.
    pub fn trace_tags(&self) -> &TraceTags {
        &self.trace_tags
    }

    /// Returns the `tracestate` members of other vendors, joined by `,`.
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// Returns the id of the nearest Datadog span upstream, as received.
    pub fn last_parent_id(&self) -> Option<&str> {
        self.last_parent_id.as_deref()
    }

    /// Returns the problem that was found in the headers.
    pub fn propagation_error(&self) -> Option<&str> {
        self.propagation_error.as_deref()
    }

    /// Returns the links that the local root will carry.
    pub fn links(&self) -> &[SpanLink] {
        &self.links
    }

    /// Returns the baggage.
    pub fn baggage(&self) -> &Baggage {
        &self.baggage
    }
}

impl SpanLink {
    /// Returns a link to the span of `context`; `None` if the context has no span.
    pub fn to(context: &SpanContext) -> Option<Self> {
        let mut link = Self::new(context.trace_id()?, context.span_id()?);
        if let Some(priority) = context.sampling_priority() {
            link = link.with_sampled(priority.is_kept());
        }
        if let Some(tracestate) = context.tracestate() {
            link = link.with_tracestate(tracestate);
        }
        Some(link)
    }
}
