//! The two decisions of a rate, made once: one keeps a trace, and the other drops it.
//!
//! Each trace gets a clone, which shares its tags. Making them anew for each trace took a tenth of
//! the instructions of a root span.

use packdog_api::{SamplingMechanism, SamplingPriority, TraceId, implementation::Decision};

use super::SampleRate;
use crate::tags::internal;

/// A rate, and the decisions that it leads to.
#[derive(Clone, Debug)]
pub(super) struct Decisions {
    pub(super) rate: SampleRate,
    keep: Decision,
    drop: Decision,
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
        Self { rate: rate.clone(), keep: decision(keep), drop: decision(drop) }
    }

    /// Those of a rate of the Datadog Agent.
    pub(super) fn of_agent(rate: SampleRate) -> Self {
        let decision = |priority| {
            Decision::new(priority, SamplingMechanism::AGENT_RATE)
                .with_root_metric(internal::AGENT_SAMPLE_RATE, rate.to_f64())
                .with_trace_tag(internal::KNUTH_SAMPLE_RATE, rate.as_str())
        };
        let (keep, drop) = (SamplingPriority::AUTO_KEEP, SamplingPriority::AUTO_DROP);
        Self { keep: decision(keep), drop: decision(drop), rate }
    }

    /// Returns the decision about a trace; `is_by_chance` is whether the rate alone made it, so that
    /// its probability is known.
    pub(super) fn of(&self, trace_id: TraceId, is_kept: bool, is_by_chance: bool) -> Decision {
        let decision = if is_kept { self.keep.clone() } else { self.drop.clone() };
        match self.rate.probability(trace_id, is_kept).filter(|_| is_by_chance) {
            Some((randomness, threshold)) => decision.with_probability(randomness, threshold),
            None => decision,
        }
    }
}
