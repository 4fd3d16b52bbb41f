//! The sampling decision of a trace: received, made once in this process, or made manually.

use std::ops::Deref;

use smallvec::SmallVec;

use crate::values::{Probability, SamplingMechanism, SamplingPriority, TraceTags};

/// Numbers for the local root: at most two, a rate and that of a limiter, so they need no
/// allocation.
#[derive(Debug, Default)]
pub(crate) struct RootMetrics(SmallVec<[(&'static str, f64); 2]>);

impl Clone for RootMetrics {
    /// Copies them at once, which takes a tenth of the instructions of cloning one by one.
    fn clone(&self) -> Self {
        Self(SmallVec::from_slice(&self.0))
    }
}

impl Deref for RootMetrics {
    type Target = [(&'static str, f64)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// The sampling decision that an implementation makes about a trace.
///
/// Making one allocates, cloning one does not: an implementation can make those that it needs
/// beforehand, and most traces share their tags with others.
#[derive(Clone, Debug)]
pub struct Decision {
    priority: SamplingPriority,
    rule: Option<usize>,
    root_metrics: RootMetrics,
    /// The tags of a trace that came without any: the maker of the decision, and the tag beside it.
    tags: TraceTags,
    own_tag: Option<&'static str>,
    probability: Probability,
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
        Self {
            priority,
            rule: None,
            root_metrics: RootMetrics::default(),
            tags,
            own_tag: None,
            probability: Probability::Received,
        }
    }

    /// Sets the rule that decided, by its position in the list of rules.
    pub fn with_rule(mut self, rule: usize) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Adds a metric to the local root, such as the rate of a rule.
    pub fn with_root_metric(mut self, name: &'static str, value: f64) -> Self {
        self.root_metrics.0.push((name, value));
        self
    }

    /// Sets the tag that travels with the trace beside the decision, such as its rate. A received
    /// tag takes precedence.
    pub fn with_trace_tag(mut self, name: &'static str, value: &str) -> Self {
        if let Some(before) = self.own_tag.replace(name) {
            self.tags.remove(before);
        }
        self.tags.set(name, value);
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

/// The sampling state that the spans of a trace share.
#[derive(Debug)]
pub(crate) struct Sampling {
    priority: Option<SamplingPriority>,
    tags: TraceTags,
    rule: Option<usize>,
    root_metrics: RootMetrics,
    probability: Probability,
    /// Whether this process made the decision; otherwise priority and tags are as received.
    is_decided_here: bool,
    /// The tag of this process's decision, which is removed with that decision.
    own_tag: Option<&'static str>,
}

impl Sampling {
    /// A received priority is final: no sampler is called.
    pub(crate) fn received(priority: Option<SamplingPriority>, tags: TraceTags) -> Self {
        Self {
            priority,
            tags,
            rule: None,
            root_metrics: RootMetrics::default(),
            probability: Probability::Received,
            is_decided_here: false,
            own_tag: None,
        }
    }

    pub(crate) fn priority(&self) -> Option<SamplingPriority> {
        self.priority
    }

    pub(crate) fn tags(&self) -> &TraceTags {
        &self.tags
    }

    pub(crate) fn rule(&self) -> Option<usize> {
        self.rule
    }

    pub(crate) fn root_metrics(&self) -> &RootMetrics {
        &self.root_metrics
    }

    pub(crate) fn probability(&self) -> Probability {
        self.probability
    }

    pub(crate) fn decide(&mut self, decision: Decision) {
        if let Some(name) = self.own_tag.take() {
            self.tags.remove(name);
        }
        self.priority = Some(decision.priority);
        self.is_decided_here = true;
        self.probability = match decision.probability {
            Probability::Received => self.probability.without_threshold(),
            decided => decided,
        };
        self.rule = decision.rule;
        self.root_metrics = decision.root_metrics;
        if self.tags.is_empty() {
            // Shared with all traces of this decision, which saves most traces 400 instructions.
            (self.tags, self.own_tag) = (decision.tags, decision.own_tag);
            return;
        }
        self.own_tag = decision.own_tag.filter(|name| self.tags.get(name).is_none());
        for (name, value) in decision.tags.iter() {
            if name == TraceTags::DECISION_MAKER || self.own_tag == Some(name) {
                self.tags.set(name, value);
            }
        }
    }

    /// A manual decision that equals the received one leaves the received decision maker unchanged.
    pub(crate) fn decide_by_hand(&mut self, priority: SamplingPriority) {
        let is_same = !self.is_decided_here
            && self.priority == Some(priority)
            && self.tags.get(TraceTags::DECISION_MAKER).is_some();
        if !is_same {
            self.decide(Decision::new(priority, SamplingMechanism::MANUAL));
        }
        self.probability = self.probability.without_threshold();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: &str = "_dd.p.ksr";

    fn received(priority: i32, tags: &[(&str, &str)]) -> Sampling {
        let tags = tags.iter().copied().collect();
        Sampling::received(Some(SamplingPriority::new(priority)), tags)
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
            let mut sampling = received(priority, maker.as_slice());
            sampling.decide_by_hand(by_hand);
            assert_eq!(sampling.priority(), Some(by_hand), "{priority} {maker:?}");
            let maker_now = sampling.tags().get(TraceTags::DECISION_MAKER);
            assert_eq!(maker_now, Some(expected), "{priority} {maker:?}");
        }
    }

    #[test]
    fn a_manual_decision_removes_the_numbers_and_the_rate_of_a_rule() {
        let mut sampling = Sampling::received(None, TraceTags::new());
        sampling.decide(by_rule());
        assert_eq!(sampling.tags().get(RATE), Some("0.5"));
        sampling.decide_by_hand(SamplingPriority::USER_KEEP);
        assert!(sampling.root_metrics().is_empty());
        assert_eq!(sampling.tags().get(RATE), None);
        assert_eq!(sampling.tags().get(TraceTags::DECISION_MAKER), Some("-4"));
    }

    #[test]
    fn a_manual_decision_removes_the_threshold_and_keeps_the_randomness() {
        let mut sampling = Sampling::received(None, TraceTags::new());
        assert_eq!(sampling.probability(), Probability::Received);
        sampling.decide(by_rule().with_probability(7, 5));
        assert_eq!(sampling.probability(), Probability::Decided { randomness: 7, threshold: 5 });
        for _ in 0..2 {
            sampling.decide_by_hand(SamplingPriority::USER_KEEP);
            assert_eq!(sampling.probability(), Probability::None { randomness: Some(7) });
        }
        // Also a manual decision that equals the received one.
        let mut sampling = received(2, &[(TraceTags::DECISION_MAKER, "-4")]);
        sampling.decide_by_hand(SamplingPriority::USER_KEEP);
        assert_eq!(sampling.probability(), Probability::None { randomness: None });
    }

    #[test]
    fn a_received_rate_stays_whatever_is_decided() {
        let mut sampling = Sampling::received(None, TraceTags::from_iter([(RATE, "0.25")]));
        sampling.decide(by_rule());
        assert_eq!(sampling.tags().get(RATE), Some("0.25"));
        sampling.decide_by_hand(SamplingPriority::USER_DROP);
        assert_eq!(sampling.tags().get(RATE), Some("0.25"));
    }
}
