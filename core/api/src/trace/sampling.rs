//! The sampling decision of a trace: received, or taken here once, or made by hand.

use super::TraceTags;
use crate::span::{SamplingMechanism, SamplingPriority};

/// What an implementation decides about a trace, once.
#[derive(Clone, Debug)]
pub struct Decision {
    priority: SamplingPriority,
    mechanism: SamplingMechanism,
    root_metrics: Vec<(&'static str, f64)>,
}

impl Decision {
    /// The root metric with the rate of the rule that decided.
    pub const RULE_RATE: &'static str = "_dd.rule_psr";
    /// The root metric with the rate of the Datadog Agent that decided.
    pub const AGENT_RATE: &'static str = "_dd.agent_psr";
    /// The root metric with what the limit of kept traces per second let through.
    pub const LIMIT_RATE: &'static str = "_dd.limit_psr";

    /// Keep or drop, and who says so.
    pub fn new(priority: SamplingPriority, mechanism: SamplingMechanism) -> Self {
        Self { priority, mechanism, root_metrics: Vec::new() }
    }

    /// Adds a number that the local root carries, such as the rate of a rule.
    pub fn with_root_metric(mut self, name: &'static str, value: f64) -> Self {
        self.root_metrics.push((name, value));
        self
    }
}

/// What the spans of a trace share about sampling.
#[derive(Debug)]
pub(crate) struct Sampling {
    priority: Option<SamplingPriority>,
    tags: TraceTags,
    root_metrics: Vec<(&'static str, f64)>,
}

impl Sampling {
    /// A received priority is final: no sampler is asked.
    pub(crate) fn received(priority: Option<SamplingPriority>, tags: TraceTags) -> Self {
        Self { priority, tags, root_metrics: Vec::new() }
    }

    pub(crate) fn priority(&self) -> Option<SamplingPriority> {
        self.priority
    }

    pub(crate) fn tags(&self) -> &TraceTags {
        &self.tags
    }

    pub(crate) fn root_metrics(&self) -> &[(&'static str, f64)] {
        &self.root_metrics
    }

    pub(crate) fn decide(&mut self, decision: Decision) {
        self.priority = Some(decision.priority);
        self.tags.set(TraceTags::DECISION_MAKER, &decision.mechanism.to_text());
        self.root_metrics = decision.root_metrics;
    }
}
