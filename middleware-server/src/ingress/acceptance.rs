//! The parts of a received context that are accepted.

use std::mem;

use packdog::{
    span::{SpanContext, SpanLink, TraceTags},
    tags,
};
use packdog_http::BaggageFilter;

/// The attribute with the reason of a link, and Datadog's word for a trace that is not
/// continued.
const LINK_REASON: (&str, &str) = ("reason", "propagation_behavior_extract");

/// The parts of a received context that are accepted.
#[derive(Clone, Debug)]
pub struct Acceptance {
    trace: Trace,
    may_force_keep: bool,
    baggage: BaggageFilter,
}

#[derive(Clone, Copy, Debug)]
enum Trace {
    Continue,
    Restart,
    Ignore,
}

impl Acceptance {
    /// Continues the trace, with its sampling decision and its baggage.
    pub fn everything() -> Self {
        Self { trace: Trace::Continue, may_force_keep: true, baggage: BaggageFilter::default() }
    }

    /// Begins a new trace, with a link to the caller's span. Keeps the baggage.
    pub fn restart() -> Self {
        Self { trace: Trace::Restart, ..Self::everything() }
    }

    /// Begins a new trace, as if no headers had come: without a link and without baggage.
    pub fn nothing() -> Self {
        Self { trace: Trace::Ignore, ..Self::everything() }
    }

    /// Sets whether a caller's decision to keep a trace counts; it does by default. Otherwise
    /// sampling is decided here.
    pub fn may_force_keep(mut self, may_force_keep: bool) -> Self {
        self.may_force_keep = may_force_keep;
        self
    }

    /// Takes only the baggage items of these keys; all by default.
    pub fn baggage_keys<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.baggage = self.baggage.keys(keys);
        self
    }

    /// Takes at most this many bytes of baggage: the first items that fit, where each counts its
    /// key, its value and two separators. There is no limit by default.
    pub fn baggage_max_bytes(mut self, max_bytes: usize) -> Self {
        self.baggage = self.baggage.max_bytes(max_bytes);
        self
    }

    /// Removes what is not taken. The context stays in its place, because it is large and nearly
    /// always taken as a whole.
    pub(super) fn apply(&self, context: &mut SpanContext) {
        match self.trace {
            Trace::Continue => self.take_decision(context),
            Trace::Restart => {
                let new = SpanContext::new().with_baggage(context.baggage().clone());
                // Extraction may have turned the caller's trace into a link already.
                let new = context.links().iter().cloned().fold(new, SpanContext::with_link);
                *context = match SpanLink::to(context) {
                    Some(link) => new.with_link(link.with_attribute(LINK_REASON.0, LINK_REASON.1)),
                    None => new,
                };
            }
            Trace::Ignore => *context = SpanContext::new(),
        }
        self.baggage.apply(context);
    }

    fn take_decision(&self, context: &mut SpanContext) {
        let is_kept = context.sampling_priority().is_some_and(|priority| priority.is_kept());
        if self.may_force_keep || !is_kept {
            return;
        }
        // The new decision brings its own maker and rate.
        let mut trace_tags = context.trace_tags().clone();
        trace_tags.remove(TraceTags::DECISION_MAKER);
        trace_tags.remove(tags::internal::KNUTH_SAMPLE_RATE);
        let undecided = mem::take(context).with_sampling_priority(None);
        *context = undecided.with_trace_tags(trace_tags);
    }
}

#[cfg(test)]
mod tests {
    use packdog::{
        sampling::SamplingPriority,
        span::{SpanId, TraceId},
    };

    use super::*;

    fn caller(priority: SamplingPriority) -> SpanContext {
        let tags = TraceTags::from_iter([
            (TraceTags::DECISION_MAKER, "-4"),
            ("_dd.p.ksr", "0.5"),
            ("_dd.p.a", "1"),
        ]);
        SpanContext::new()
            .with_trace(TraceId::new(7).unwrap(), SpanId::new(8))
            .with_sampling_priority(priority)
            .with_trace_tags(tags)
            .with_baggage(
                [("plan", "pro"), ("locale", "de"), ("tenant", "7")].into_iter().collect(),
            )
    }

    fn taken(acceptance: &Acceptance, mut context: SpanContext) -> SpanContext {
        acceptance.apply(&mut context);
        context
    }

    #[test]
    fn a_kept_trace_is_decided_anew_where_callers_may_not_force_it() {
        let careful = Acceptance::everything().may_force_keep(false);
        for priority in [SamplingPriority::USER_KEEP, SamplingPriority::AUTO_KEEP] {
            let context = taken(&careful, caller(priority));
            assert_eq!(context.trace_id(), TraceId::new(7));
            assert_eq!(context.sampling_priority(), None);
            assert_eq!(context.trace_tags().iter().collect::<Vec<_>>(), [("_dd.p.a", "1")]);
        }
        let dropped = caller(SamplingPriority::AUTO_DROP);
        assert_eq!(taken(&careful, dropped.clone()), dropped);
    }

    #[test]
    fn a_restart_has_a_link_and_none_of_the_rest() {
        let context = taken(&Acceptance::restart(), caller(SamplingPriority::USER_KEEP));
        assert_eq!((context.trace_id(), context.sampling_priority()), (None, None));
        assert!(context.trace_tags().is_empty());
        assert_eq!(context.links().len(), 1);
        assert_eq!(context.links()[0].trace_id(), TraceId::new(7).unwrap());
        assert_eq!(context.baggage().len(), 3);
        let nothing = taken(&Acceptance::nothing(), caller(SamplingPriority::USER_KEEP));
        assert!(nothing.is_empty());
    }

    #[test]
    fn a_restart_keeps_the_links_that_came_out_of_the_headers() {
        let restarted = taken(&Acceptance::restart(), caller(SamplingPriority::USER_KEEP));
        assert_eq!(restarted.links().len(), 1);
        assert_eq!(taken(&Acceptance::restart(), restarted.clone()), restarted);
    }

    #[test]
    fn baggage_comes_in_by_key_and_up_to_a_limit() {
        let plan = "plan=pro,".len();
        #[rustfmt::skip]
        let table: [(_, &[&str]); 6] = [
            // acceptance                                                              keys
            (Acceptance::everything(),                                                 &["plan", "locale", "tenant"]),
            (Acceptance::everything().baggage_keys(["tenant", "plan"]),                &["plan", "tenant"]),
            (Acceptance::everything().baggage_max_bytes(plan),                         &["plan"]),
            (Acceptance::everything().baggage_max_bytes(plan - 1),                     &[]),
            (Acceptance::everything().baggage_max_bytes(0),                            &[]),
            (Acceptance::everything().baggage_keys(["locale"]).baggage_max_bytes(10),   &["locale"]),
        ];
        for (acceptance, expected) in table {
            let context = taken(&acceptance, caller(SamplingPriority::AUTO_KEEP));
            let keys = context.baggage().iter().map(|(key, _)| key).collect::<Vec<_>>();
            assert_eq!(keys, expected, "{acceptance:?}");
        }
    }
}
