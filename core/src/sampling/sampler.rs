//! Decides about new traces: by a rule, by the configured rate, or by a rate of the Datadog Agent.

use std::{sync::Arc, time::Instant};

use packdog_api::{
    SamplingMechanism, SamplingPriority, TraceId,
    implementation::{Decision, FinishedSpan},
};

use super::{
    AgentRates, SamplingRule, SpanView, decisions::Decisions, limiter::Limiter, rate::randomness,
    span_view::ProcessTags,
};
use crate::{Config, tags, tags::internal};

/// The threshold of a decision that keeps all traces.
const KEEPS_ALL: u64 = 0;

/// The sampler of one tracer.
#[derive(Debug)]
pub(crate) struct Sampler {
    rules: Vec<(SamplingRule, Decisions)>,
    /// For traces that no rule matches.
    rate: Option<Decisions>,
    /// For traces that a rule or the rate keeps; `None` for no limit.
    limiter: Option<Limiter>,
    process: ProcessTags,
    agent_rates: Arc<AgentRates>,
    /// Without any rate.
    default: Decision,
}

impl Sampler {
    pub(crate) fn new(config: &Config, agent_rates: Arc<AgentRates>, now: Instant) -> Self {
        let limit = config.rate_limit().map(f64::from);
        let rules = config.sampling_rules().iter().filter_map(|rule| {
            let rate = rule.rate().ok()?;
            Some((rule.clone(), Decisions::of_rule(rate, Some(rule.number()))))
        });
        Self {
            rules: rules.collect(),
            rate: config.sample_rate().map(|rate| Decisions::of_rule(rate, None)),
            limiter: limit.map(|per_second| Limiter::new(per_second, now)),
            process: ProcessTags::new(config),
            agent_rates,
            default: Decision::new(SamplingPriority::AUTO_KEEP, SamplingMechanism::DEFAULT),
        }
    }

    /// Decides about the trace that begins with `root`.
    pub(crate) fn decide(
        &self,
        trace_id: TraceId,
        root: &FinishedSpan<'_>,
        now: impl FnOnce() -> Instant,
    ) -> Decision {
        let root = SpanView::new(root, &self.process);
        let by_rule = self.rules.iter().find(|(rule, _)| rule.matches(&root));
        if let Some(decisions) = by_rule.map(|(_, decisions)| decisions).or(self.rate.as_ref()) {
            return self.by_rate(decisions, trace_id, now);
        }
        let env = || root.text(tags::ENV).unwrap_or_default();
        let by_agent = self.agent_rates.decide(root.service(), env, trace_id);
        by_agent.unwrap_or_else(|| {
            self.default.clone().with_probability(randomness(trace_id), KEEPS_ALL)
        })
    }

    fn by_rate(
        &self,
        decisions: &Decisions,
        trace_id: TraceId,
        now: impl FnOnce() -> Instant,
    ) -> Decision {
        let is_sampled = decisions.rate.keeps(trace_id);
        let limiter = self.limiter.as_ref().filter(|_| is_sampled);
        let verdict = limiter.map(|limiter| limiter.ask(now()));
        let is_kept = is_sampled && verdict.is_none_or(|verdict| verdict.is_kept);
        // Nearly all traces that have a limit.
        if verdict.is_some_and(|verdict| verdict.is_kept && verdict.effective_rate == 1.0) {
            return decisions.within_limit(trace_id);
        }
        // A limit drops traces without a probability.
        let is_by_chance = is_kept == is_sampled;
        let decision = decisions.of(trace_id, is_kept, is_by_chance);
        match verdict {
            Some(verdict) => {
                decision.with_root_metric(internal::LIMIT_SAMPLE_RATE, verdict.effective_rate)
            }
            None => decision,
        }
    }
}
