//! Single-span sampling: keeps spans even if their trace is dropped.
//!
//! It runs on the sender thread, when finished spans leave. It sets metrics on the spans that it
//! keeps, by which the Datadog Agent keeps them.

use std::time::Instant;

use packdog_api::{
    SpanId,
    implementation::{Chunk, FinishedSpan},
};

use super::{ProcessTags, SampleRate, SpanSamplingRule, SpanView, limiter::Limiter};
use crate::{Config, tags::internal};

/// The mechanism of single-span sampling, which has no priority of its own.
const MECHANISM: f64 = 8.0;

/// The sampler of single spans, with the rules of one tracer.
#[derive(Debug)]
pub(crate) struct SpanSampler {
    rules: Vec<LimitedRule>,
    process: ProcessTags,
}

#[derive(Debug)]
struct LimitedRule {
    rule: SpanSamplingRule,
    /// Shared by all traces.
    limiter: Option<Limiter>,
}

impl SpanSampler {
    pub(crate) fn new(config: &Config, now: Instant) -> Self {
        let limited = |rule: &SpanSamplingRule| {
            let limiter = rule.limit().map(|limit| Limiter::new(limit, now));
            LimitedRule { rule: rule.clone(), limiter }
        };
        let rules = config.span_sampling_rules().iter().map(limited).collect();
        Self { rules, process: ProcessTags::new(config) }
    }

    /// Marks the spans to keep; none in a trace that is kept as a whole.
    pub(crate) fn mark(&self, chunk: &mut Chunk, now: impl FnOnce() -> Instant) {
        let is_kept = chunk.sampling_priority().is_none_or(|priority| priority.is_kept());
        if self.rules.is_empty() || is_kept {
            return;
        }
        let now = now();
        for index in 0..chunk.len() {
            let kept_by = chunk.span(index).and_then(|span| self.decide(&span, now));
            let Some((rate, limit)) = kept_by else { continue };
            chunk.set_number(index, internal::SPAN_SAMPLING_MECHANISM, MECHANISM);
            chunk.set_number(index, internal::SPAN_SAMPLING_RATE, rate.to_f64());
            if let Some(limit) = limit {
                chunk.set_number(index, internal::SPAN_SAMPLING_LIMIT, limit);
            }
        }
    }

    /// Returns the rate and the limit of the rule that keeps the span. The first rule that matches
    /// decides, even if it drops the span.
    fn decide(&self, span: &FinishedSpan<'_>, now: Instant) -> Option<(&SampleRate, Option<f64>)> {
        let view = SpanView::new(span, &self.process);
        let LimitedRule { rule, limiter } =
            self.rules.iter().find(|known| known.rule.matches(&view))?;
        let rate = rule.checked_rate().ok()?;
        let is_kept = rate.keeps_hash_of(SpanId::to_u64(span.span_id()))
            && limiter.as_ref().is_none_or(|limiter| limiter.ask(now).is_kept);
        is_kept.then(|| (rate, rule.limit()))
    }
}
