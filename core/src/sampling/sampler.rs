//! Decides about new traces: by a rule, by the configured rate, or by a rate of the Datadog Agent.

use std::{sync::Arc, time::Instant};

use packdog_api::{
    SamplingMechanism, SamplingPriority, TraceId,
    implementation::{Decision, FinishedSpan},
};

use super::{
    AgentRates, SampleRate, SamplingRule, SpanView, limiter::Limiter, rate::randomness,
    span_view::ProcessTags,
};
use crate::{Config, tags, tags::internal};

/// The threshold of a decision that keeps all traces.
const KEEPS_ALL: u64 = 0;

/// The sampler of one tracer.
#[derive(Debug)]
pub(crate) struct Sampler {
    rules: Vec<SamplingRule>,
    /// For traces that no rule matches.
    rate: Option<SampleRate>,
    /// For traces that a rule or the rate keeps; `None` for no limit.
    limiter: Option<Limiter>,
    process: ProcessTags,
    agent_rates: Arc<AgentRates>,
}

impl Sampler {
    pub(crate) fn new(config: &Config, agent_rates: Arc<AgentRates>, now: Instant) -> Self {
        let limit = config.rate_limit().map(f64::from);
        Self {
            rules: config.sampling_rules().to_vec(),
            rate: config.sample_rate().cloned(),
            limiter: limit.map(|per_second| Limiter::new(per_second, now)),
            process: ProcessTags::new(config),
            agent_rates,
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
        if let Some(rule) = self.rules.iter().find(|rule| rule.matches(&root))
            && let Ok(rate) = rule.rate()
        {
            return self.by_rate(rate, trace_id, now).with_rule(rule.number());
        }
        if let Some(rate) = &self.rate {
            return self.by_rate(rate, trace_id, now);
        }
        let env = root.text(tags::ENV).unwrap_or_default();
        self.agent_rates
            .with_rate(root.service(), env, |rate| by_agent_rate(rate, trace_id))
            .unwrap_or_else(|| {
                Decision::new(SamplingPriority::AUTO_KEEP, SamplingMechanism::DEFAULT)
                    .with_probability(randomness(trace_id), KEEPS_ALL)
            })
    }

    fn by_rate(
        &self,
        rate: &SampleRate,
        trace_id: TraceId,
        now: impl FnOnce() -> Instant,
    ) -> Decision {
        let is_sampled = rate.keeps(trace_id);
        let limiter = self.limiter.as_ref().filter(|_| is_sampled);
        let verdict = limiter.map(|limiter| limiter.ask(now()));
        let is_kept = is_sampled && verdict.is_none_or(|verdict| verdict.is_kept);
        let priority =
            if is_kept { SamplingPriority::USER_KEEP } else { SamplingPriority::USER_DROP };
        let decision = Decision::new(priority, SamplingMechanism::RULE)
            .with_root_metric(internal::RULE_SAMPLE_RATE, rate.to_f64())
            .with_trace_tag(internal::KNUTH_SAMPLE_RATE, rate.as_str());
        // A limit drops traces without a probability.
        let is_by_chance = is_kept == is_sampled;
        let decision = match rate.probability(trace_id, is_sampled).filter(|_| is_by_chance) {
            Some((randomness, threshold)) => decision.with_probability(randomness, threshold),
            None => decision,
        };
        match verdict {
            Some(verdict) => {
                decision.with_root_metric(internal::LIMIT_SAMPLE_RATE, verdict.effective_rate)
            }
            None => decision,
        }
    }
}

fn by_agent_rate(rate: Option<&SampleRate>, trace_id: TraceId) -> Decision {
    let is_kept = rate.is_none_or(|rate| rate.keeps(trace_id));
    let priority = if is_kept { SamplingPriority::AUTO_KEEP } else { SamplingPriority::AUTO_DROP };
    let decision = Decision::new(priority, SamplingMechanism::AGENT_RATE)
        .with_root_metric(internal::AGENT_SAMPLE_RATE, rate.map_or(1.0, SampleRate::to_f64))
        .with_trace_tag(internal::KNUTH_SAMPLE_RATE, rate.map_or("1", SampleRate::as_str));
    let all = || Some((randomness(trace_id), KEEPS_ALL));
    match rate.map_or_else(all, |rate| rate.probability(trace_id, is_kept)) {
        Some((randomness, threshold)) => decision.with_probability(randomness, threshold),
        None => decision,
    }
}
