//! The two decisions of a rate, made once: one keeps a trace, and the other drops it.
//!
//! Each trace shares them. Making them anew for each trace took a tenth of the instructions of a root
//! span.

use packdog_api::{SamplingMechanism, SamplingPriority, TraceId, implementation::Decision};

use super::SampleRate;
use crate::tags::internal;

/// A rate, and the decisions that it leads to.
#[derive(Clone, Debug)]
pub(super) struct Decisions {
    pub(super) rate: SampleRate,
    keep: Decision,
    drop: Decision,
    /// Keeps a trace, and says that no limit has dropped any lately.
    keep_in_limit: Decision,
}

impl Decisions {
    /// Those of a rule with this number, or of the rate for traces that no rule matches.
    pub(super) fn of_rule(rate: &SampleRate, number: Option<usize>) -> Self {
        let decision = |priority| {
            let decision = Decision::new(priority, SamplingMechanism::RULE)
                .with_root_metric(internal::RULE_SAMPLE_RATE, rate.to_f64())
                .with_trace_tag(internal::KNUTH_SAMPLE_RATE, rate.as_str());
            match number {
                Some(number) => decision.with_rule(number),
                None => decision,
            }
        };
        let (keep, drop) = (SamplingPriority::USER_KEEP, SamplingPriority::USER_DROP);
        Self::of_both(rate.clone(), decision(keep), decision(drop))
    }

    /// Those of a rate of the Datadog Agent.
    pub(super) fn of_agent(rate: SampleRate) -> Self {
        let decision = |priority| {
            Decision::new(priority, SamplingMechanism::AGENT_RATE)
                .with_root_metric(internal::AGENT_SAMPLE_RATE, rate.to_f64())
                .with_trace_tag(internal::KNUTH_SAMPLE_RATE, rate.as_str())
        };
        let (keep, drop) = (SamplingPriority::AUTO_KEEP, SamplingPriority::AUTO_DROP);
        let (keep, drop) = (decision(keep), decision(drop));
        Self::of_both(rate, keep, drop)
    }

    fn of_both(rate: SampleRate, keep: Decision, drop: Decision) -> Self {
        let keep_in_limit = keep.clone().with_root_metric(internal::LIMIT_SAMPLE_RATE, 1.0);
        Self { rate, keep, drop, keep_in_limit }
    }

    /// Returns the decision about a trace that is kept while its limit has dropped none lately.
    pub(super) fn within_limit(&self, trace_id: TraceId) -> Decision {
        self.with_probability(&self.keep_in_limit, trace_id, true)
    }

    /// Returns the decision about a trace; `is_by_chance` is whether the rate alone made it, so that
    /// its probability is known.
    pub(super) fn of(&self, trace_id: TraceId, is_kept: bool, is_by_chance: bool) -> Decision {
        let decision = if is_kept { &self.keep } else { &self.drop };
        if is_by_chance {
            self.with_probability(decision, trace_id, is_kept)
        } else {
            decision.clone()
        }
    }

    #[inline]
    fn with_probability(&self, decision: &Decision, trace_id: TraceId, is_kept: bool) -> Decision {
        let decision = decision.clone();
        match self.rate.probability(trace_id, is_kept) {
            Some((randomness, threshold)) => decision.with_probability(randomness, threshold),
            None => decision,
        }
    }
}
