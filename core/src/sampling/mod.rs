//! Sampling: decides which traces are kept, and which single spans of dropped traces.
//!
//! ```text
//! decided by                               mechanism  keep, drop  numbers of the root    _dd.p.ksr
//! the first matching rule, the limit       3          2, -1       rule_psr, limit_psr    yes
//! DD_TRACE_SAMPLE_RATE, the limit          3          2, -1       rule_psr, limit_psr    yes
//! a rate of the Datadog Agent              1          1, 0        agent_psr              yes
//! the default, before the Agent responded  0          1           none                   no
//! ```
//! The first row that applies decides, once per trace, using the local root's current name, service,
//! resource and tags. Received and manual decisions take precedence over all of them.
//!
//! - *mechanism* is the [`SamplingMechanism`], and *keep, drop* the two [`SamplingPriority`]s.
//! - The *limit* is `DD_TRACE_RATE_LIMIT`: it drops traces beyond that number per second.
//! - *numbers of the root* are tags of the local root, as Datadog's SDKs send them: `_dd.rule_psr`
//!   is the rate of the rule or the sample rate, `_dd.limit_psr` the fraction of traces that the
//!   limit kept in this second and the one before, and `_dd.agent_psr` the rate of the Agent.
//! - `_dd.p.ksr` is the rate that decided, as a tag that travels with the trace to other services.
//!
//! [Rules](SamplingRule) choose traces by their local root; [`SpanSamplingRule`] keeps single
//! spans. [`Span::sampling`](crate::Span::sampling) explains the decision about a trace.

#[cfg(feature = "agent")]
mod agent_rates;
#[cfg(feature = "agent")]
mod decisions;
mod glob;
#[cfg(feature = "agent")]
mod json;
#[cfg(feature = "agent")]
mod limiter;
#[cfg_attr(not(feature = "agent"), expect(dead_code, reason = "only a tracer sends probabilities"))]
mod rate;
#[cfg_attr(not(feature = "agent"), expect(dead_code, reason = "only a tracer applies rules"))]
mod rule;
mod rules;
#[cfg(feature = "agent")]
mod sampler;
#[cfg_attr(not(feature = "agent"), expect(dead_code, reason = "only a tracer applies rules"))]
mod span_rule;
#[cfg(feature = "agent")]
mod span_sampler;
#[cfg_attr(not(feature = "agent"), expect(dead_code, reason = "only a tracer applies rules"))]
mod span_view;

pub(crate) use self::rules::{check_rules, check_span_rules};
#[cfg(feature = "agent")]
pub(crate) use self::{
    agent_rates::AgentRates,
    json::{parse_rules, parse_span_rules},
    sampler::Sampler,
    span_sampler::SpanSampler,
    span_view::{ProcessTags, SpanView},
};
pub use packdog_api::{SamplingMechanism, SamplingPriority, SpanSampling};

pub use self::{
    glob::Glob,
    rate::{NotARate, SampleRate},
    rule::SamplingRule,
    rules::{RuleError, RulesError},
    span_rule::SpanSamplingRule,
};
