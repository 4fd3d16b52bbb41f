//! The sampling decision of a trace: received, made once in this process, or made manually.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::values::{Probability, SamplingMechanism, SamplingPriority, SpanContext, TraceTags};

/// The sampling decision that an implementation makes about a trace.
///
/// Making one allocates, cloning one does not: an implementation can make those that it needs
/// beforehand, and most traces share theirs with others.
#[derive(Clone, Debug)]
pub struct Decision {
    verdict: Arc<Verdict>,
    probability: Probability,
}

/// The part of a decision that many traces have alike. They share it, and so do the chunks of each.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) priority: SamplingPriority,
    pub(crate) rule: Option<usize>,
    /// Numbers for the local root: at most two, a rate and that of a limiter.
    pub(crate) root_metrics: SmallVec<[(&'static str, f64); 2]>,
    /// The tags of a trace that came without any: the maker of the decision, and the tag beside it.
    pub(crate) tags: TraceTags,
    own_tag: Option<&'static str>,
}

impl Verdict {
    /// Returns the verdict about a trace that came with these tags.
    fn with_received(&self, received: &TraceTags) -> Self {
        let mut tags = received.clone();
        let own_tag = self.own_tag.filter(|name| tags.get(name).is_none());
        for (name, value) in self.tags.iter() {
            if name == TraceTags::DECISION_MAKER || own_tag == Some(name) {
                tags.set(name, value);
            }
        }
        Self { tags, own_tag, ..self.clone() }
    }
}

impl Decision {
    /// The root metric with the rate of the rule that decided.
    pub const RULE_RATE: &'static str = "_dd.rule_psr";
    /// The root metric with the rate of the Datadog Agent that decided.
    pub const AGENT_RATE: &'static str = "_dd.agent_psr";
    /// The root metric with the share of traces that the limit of kept traces per second let
    /// through.
    pub const LIMIT_RATE: &'static str = "_dd.limit_psr";

    /// Returns a decision with this priority, made by this mechanism.
    pub fn new(priority: SamplingPriority, mechanism: SamplingMechanism) -> Self {
        let mut tags = TraceTags::new();
        tags.set(TraceTags::DECISION_MAKER, &mechanism.to_text());
        let (rule, root_metrics, own_tag) = (None, SmallVec::new(), None);
        let verdict = Verdict { priority, rule, root_metrics, tags, own_tag };
        Self { verdict: Arc::new(verdict), probability: Probability::Received }
    }

    fn verdict_mut(&mut self) -> &mut Verdict {
        Arc::make_mut(&mut self.verdict)
    }

    /// Sets the rule that decided, by its position in the list of rules.
    pub fn with_rule(mut self, rule: usize) -> Self {
        self.verdict_mut().rule = Some(rule);
        self
    }

    /// Adds a metric to the local root, such as the rate of a rule.
    pub fn with_root_metric(mut self, name: &'static str, value: f64) -> Self {
        self.verdict_mut().root_metrics.push((name, value));
        self
    }

    /// Sets the tag that travels with the trace beside the decision, such as its rate. A received
    /// tag takes precedence.
    pub fn with_trace_tag(mut self, name: &'static str, value: &str) -> Self {
        let verdict = self.verdict_mut();
        if let Some(before) = verdict.own_tag.replace(name) {
            verdict.tags.remove(before);
        }
        verdict.tags.set(name, value);
        self
    }

    /// Sets the probability with which the trace was kept or dropped; without one, the member `ot`
    /// of `tracestate` will have no threshold.
    ///
    /// Both numbers have 56 bits.
    pub fn with_probability(mut self, randomness: u64, threshold: u64) -> Self {
        self.probability = Probability::Decided { randomness, threshold };
        self
    }
}

/// The sampling state that the spans of a trace share, besides the context that it continues.
///
/// A received priority is final: no sampler is called.
#[derive(Debug, Default)]
pub(crate) struct Sampling {
    /// The decision of this process; without one, priority and tags are as received.
    verdict: Option<Arc<Verdict>>,
    probability: Probability,
}

impl Sampling {
    pub(crate) fn priority(&self, received: &SpanContext) -> Option<SamplingPriority> {
        self.verdict.as_ref().map_or(received.sampling_priority, |verdict| Some(verdict.priority))
    }

    pub(crate) fn tags<'a>(&'a self, received: &'a SpanContext) -> &'a TraceTags {
        self.verdict.as_ref().map_or(&received.trace_tags, |verdict| &verdict.tags)
    }

    pub(crate) fn verdict(&self) -> Option<&Arc<Verdict>> {
        self.verdict.as_ref()
    }

    pub(crate) fn probability(&self) -> Probability {
        self.probability
    }

    pub(crate) fn decide(&mut self, decision: Decision, received: &SpanContext) {
        let Decision { verdict, probability } = decision;
        self.probability = match probability {
            Probability::Received => self.probability.without_threshold(),
            decided => decided,
        };
        let tags = &received.trace_tags;
        // Shared with all traces of this decision, which saves most traces 400 instructions.
        let is_shared = tags.is_empty();
        self.verdict =
            Some(if is_shared { verdict } else { Arc::new(verdict.with_received(tags)) });
    }

    /// A manual decision that equals the received one leaves the received decision maker unchanged.
    pub(crate) fn decide_by_hand(&mut self, priority: SamplingPriority, received: &SpanContext) {
        let is_same = self.verdict.is_none()
            && received.sampling_priority == Some(priority)
            && received.trace_tags.get(TraceTags::DECISION_MAKER).is_some();
        if !is_same {
            self.decide(Decision::new(priority, SamplingMechanism::MANUAL), received);
        }
        self.probability = self.probability.without_threshold();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: &str = "_dd.p.ksr";

    /// A context, and the sampling of a trace that continues it.
    fn received(priority: Option<i32>, tags: &[(&str, &str)]) -> (SpanContext, Sampling) {
        let context = SpanContext::new()
            .with_sampling_priority(priority.map(SamplingPriority::new))
            .with_trace_tags(tags.iter().copied().collect());
        (context, Sampling::default())
    }

    fn by_rule() -> Decision {
        Decision::new(SamplingPriority::USER_KEEP, SamplingMechanism::RULE)
            .with_root_metric(Decision::RULE_RATE, 0.5)
            .with_trace_tag(RATE, "0.5")
    }

    #[test]
    fn a_manual_decision_replaces_the_received_one_and_its_maker_if_it_differs() {
        #[rustfmt::skip]
        let table = [
            // received: priority, maker  manual                         maker
            (0, Some("-1"),               SamplingPriority::USER_KEEP,   "-4"),
            (1, Some("-1"),               SamplingPriority::USER_KEEP,   "-4"),
            (2, Some("-3"),               SamplingPriority::USER_KEEP,   "-3"),
            (2, None,                     SamplingPriority::USER_KEEP,   "-4"),
            (2, Some("-3"),               SamplingPriority::USER_DROP,   "-4"),
            (-1, Some("-3"),              SamplingPriority::USER_DROP,   "-3"),
        ];
        for (priority, maker, by_hand, expected) in table {
            let maker = maker.map(|maker| (TraceTags::DECISION_MAKER, maker));
            let (context, mut sampling) = received(Some(priority), maker.as_slice());
            sampling.decide_by_hand(by_hand, &context);
            assert_eq!(sampling.priority(&context), Some(by_hand), "{priority} {maker:?}");
            let maker_now = sampling.tags(&context).get(TraceTags::DECISION_MAKER);
            assert_eq!(maker_now, Some(expected), "{priority} {maker:?}");
        }
    }

    #[test]
    fn a_manual_decision_removes_the_numbers_and_the_rate_of_a_rule() {
        let (context, mut sampling) = received(None, &[]);
        sampling.decide(by_rule(), &context);
        assert_eq!(sampling.tags(&context).get(RATE), Some("0.5"));
        sampling.decide_by_hand(SamplingPriority::USER_KEEP, &context);
        assert!(sampling.verdict().unwrap().root_metrics.is_empty());
        assert_eq!(sampling.tags(&context).get(RATE), None);
        assert_eq!(sampling.tags(&context).get(TraceTags::DECISION_MAKER), Some("-4"));
    }

    #[test]
    fn a_manual_decision_removes_the_threshold_and_keeps_the_randomness() {
        let (context, mut sampling) = received(None, &[]);
        assert_eq!(sampling.probability(), Probability::Received);
        sampling.decide(by_rule().with_probability(7, 5), &context);
        assert_eq!(sampling.probability(), Probability::Decided { randomness: 7, threshold: 5 });
        for _ in 0..2 {
            sampling.decide_by_hand(SamplingPriority::USER_KEEP, &context);
            assert_eq!(sampling.probability(), Probability::None { randomness: Some(7) });
        }
        // Also a manual decision that equals the received one.
        let (context, mut sampling) = received(Some(2), &[(TraceTags::DECISION_MAKER, "-4")]);
        sampling.decide_by_hand(SamplingPriority::USER_KEEP, &context);
        assert_eq!(sampling.probability(), Probability::None { randomness: None });
    }

    #[test]
    fn a_received_rate_stays_whatever_is_decided() {
        let (context, mut sampling) = received(None, &[(RATE, "0.25")]);
        sampling.decide(by_rule(), &context);
        assert_eq!(sampling.tags(&context).get(RATE), Some("0.25"));
        sampling.decide_by_hand(SamplingPriority::USER_DROP, &context);
        assert_eq!(sampling.tags(&context).get(RATE), Some("0.25"));
    }
}
