//! The guard against traces of other organisations: their ids are continued, their decisions and
//! tags are not.
//!
//! The Datadog Agent sends a marker of our organisation, which travels as `_dd.p.opm`. Incoming
//! traces:
//!
//! ```text
//! marker   ours   another, trusted   another    none, not strict   none, strict
//! context  whole  whole              ids alone  whole              ids alone
//! ```
//! Outgoing traces carry our marker. While it is unknown, everything is passed on unchanged.

use std::{borrow::Cow, sync::Arc};

use packdog_api::{SpanContext, TraceTags};

use super::{PropagationConfig, trace_tag};
use crate::tags::internal::ORG_MARKER;

/// The requirements for incoming traces, and the marker of our own organisation.
#[derive(Clone, Debug)]
pub(crate) struct OrgGuard<'a> {
    marker: Arc<str>,
    is_strict: bool,
    trusted: &'a [String],
}

impl<'a> OrgGuard<'a> {
    /// Returns `None` if the guard is off, or our marker is unknown or cannot travel.
    pub(crate) fn new(
        config: &'a PropagationConfig,
        marker: impl FnOnce() -> Option<Arc<str>>,
    ) -> Option<Self> {
        let marker = config.org_guard_enabled.then(marker).flatten()?;
        let (is_strict, trusted) = (config.org_guard_strict, &config.org_guard_trusted_opms);
        let can_travel = trace_tag::is_tag(ORG_MARKER, &marker);
        can_travel.then_some(Self { marker, is_strict, trusted })
    }

    /// Returns the part of a received context that may be continued.
    pub(crate) fn admit(&self, context: SpanContext) -> SpanContext {
        match self.trusts(context.trace_tags().get(ORG_MARKER)) {
            true => context,
            false => without_decisions(&context),
        }
    }

    fn trusts(&self, marker: Option<&str>) -> bool {
        match marker {
            Some(marker) => marker == &*self.marker || self.trusted.iter().any(|it| it == marker),
            None => !self.is_strict,
        }
    }

    /// Returns the context to be sent.
    pub(crate) fn mark<'c>(&self, context: &'c SpanContext) -> Cow<'c, SpanContext> {
        if context.trace_tags().get(ORG_MARKER) == Some(&*self.marker) {
            return Cow::Borrowed(context);
        }
        let mut tags = context.trace_tags().clone();
        tags.set(ORG_MARKER, &self.marker);
        Cow::Owned(context.clone().with_trace_tags(tags))
    }
}

/// Keeps ids, members of other vendors and baggage, and also links and errors, which describe the
/// received headers.
fn without_decisions(context: &SpanContext) -> SpanContext {
    let high = context.trace_tags().get(TraceTags::HIGH_TRACE_ID);
    let tags = high.into_iter().map(|high| (TraceTags::HIGH_TRACE_ID, high)).collect();
    let mut kept = SpanContext::new().with_trace_tags(tags).with_baggage(context.baggage().clone());
    if let Some(trace_id) = context.trace_id() {
        kept = kept.with_trace(trace_id, context.span_id());
        kept = kept.with_random_trace_id(context.has_random_trace_id());
    }
    if let Some(members) = context.tracestate() {
        kept = kept.with_tracestate(members);
    }
    if let Some(error) = context.propagation_error() {
        kept = kept.with_propagation_error(error.to_owned());
    }
    context.links().iter().cloned().fold(kept, SpanContext::with_link)
}

#[cfg(test)]
mod tests {
    use packdog_api::{Baggage, SamplingPriority, SpanId, SpanLink, TraceId};

    use super::*;

    const TID: &str = "1111111111111111";

    fn config(is_strict: bool) -> PropagationConfig {
        PropagationConfig {
            org_guard_enabled: true,
            org_guard_strict: is_strict,
            org_guard_trusted_opms: vec!["friend".to_owned(), "partner".to_owned()],
            ..PropagationConfig::default()
        }
    }

    fn guard<'a>(config: &'a PropagationConfig, marker: Option<&str>) -> Option<OrgGuard<'a>> {
        OrgGuard::new(config, || marker.map(Arc::from))
    }

    /// Ids, vendors, baggage, a link and an error, but no decisions.
    fn ids_alone() -> SpanContext {
        let (trace_id, span_id) = (TraceId::new(1).unwrap(), SpanId::new(2).unwrap());
        SpanContext::new()
            .with_trace(trace_id, span_id)
            .with_random_trace_id(true)
            .with_trace_tags(TraceTags::from_iter([(TraceTags::HIGH_TRACE_ID, TID)]))
            .with_tracestate("foo=1,bar=2")
            .with_baggage(Baggage::from_iter([("plan", "pro")]))
            .with_link(SpanLink::new(trace_id, span_id))
            .with_propagation_error("decoding_error")
    }

    /// The same context with everything that another tracer can decide.
    fn whole(marker: Option<&str>) -> SpanContext {
        let mut tags = TraceTags::from_iter([
            ("_dd.p.dm", "-4"),
            (TraceTags::HIGH_TRACE_ID, TID),
            ("_dd.p.usr", "7"),
        ]);
        if let Some(marker) = marker {
            tags.set(ORG_MARKER, marker);
        }
        ids_alone()
            .with_trace_tags(tags)
            .with_sampling_priority(SamplingPriority::USER_KEEP)
            .with_origin("synthetics")
            .with_last_parent_id("00000000000000aa")
    }

    #[test]
    fn an_organisation_that_is_not_trusted_decides_nothing_here() {
        #[rustfmt::skip]
        let table = [
            // marker           strict  is continued whole
            (Some("ours"),      false,  true),
            (Some("ours"),      true,   true),
            (Some("friend"),    false,  true),
            (Some("partner"),   true,   true),
            (Some("stranger"),  false,  false),
            (Some("stranger"),  true,   false),
            (Some("OURS"),      false,  false),
            (Some("our"),       false,  false),
            (None,              false,  true),
            (None,              true,   false),
        ];
        for (marker, is_strict, is_whole) in table {
            let config = config(is_strict);
            let guard = guard(&config, Some("ours")).unwrap();
            let expected = if is_whole { whole(marker) } else { ids_alone() };
            assert_eq!(guard.admit(whole(marker)), expected, "{marker:?} strict {is_strict}");
        }
    }

    #[test]
    fn headers_that_name_no_trace_stay_empty() {
        let config = config(true);
        let guard = guard(&config, Some("ours")).unwrap();
        assert!(guard.admit(SpanContext::new()).is_empty());
    }

    #[test]
    fn outgoing_headers_carry_our_marker_and_everything_else_unchanged() {
        let config = config(false);
        let guard = guard(&config, Some("ours")).unwrap();
        for marker in [None, Some("ours"), Some("friend")] {
            assert_eq!(*guard.mark(&whole(marker)), whole(Some("ours")), "{marker:?}");
        }
    }

    #[test]
    fn there_is_no_guard_if_it_is_off_or_our_marker_is_unknown_or_unusable() {
        #[rustfmt::skip]
        let table = [
            // enabled  marker        is there
            (true,      Some("ours"), true),
            (true,      Some("a=b c"), true),
            (false,     Some("ours"), false),
            (true,      None,         false),
            (true,      Some(""),     false),
            (true,      Some(" "),    false),
            (true,      Some("a,b"),  false),
            (true,      Some("a\r\nb"), false),
        ];
        for (is_enabled, marker, is_there) in table {
            let config = PropagationConfig { org_guard_enabled: is_enabled, ..config(false) };
            assert_eq!(guard(&config, marker).is_some(), is_there, "{marker:?}");
        }
    }
}
