//! The sampling decision of a span's trace, explained.

use super::Decision;
use crate::values::{SamplingMechanism, SamplingPriority, TraceTags};

/// The sampling of a span's trace, as far as it is known; returned by [`Span::sampling`](crate::Span::sampling).
///
/// The decision about a trace that begins in this process is made when its first headers are injected
/// or its first spans are sent, or when the application decides manually; until then everything is
/// `None`. A trace that was received in headers has the decision received with it, which is final.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SpanSampling {
    /// The priority; above zero, the trace is kept.
    pub priority: Option<SamplingPriority>,
    /// The mechanism that decided; unknown if the headers did not name it.
    pub mechanism: Option<SamplingMechanism>,
    /// The sampling rule that decided in this process: its position in the list, from 0 on.
    pub rule: Option<usize>,
    /// The rate of the rule, or else the configured sample rate, that decided in this process, 0.0
    /// to 1.0.
    pub rule_rate: Option<f64>,
    /// The rate of the Datadog Agent that decided in this process, 0.0 to 1.0.
    pub agent_rate: Option<f64>,
    /// The share of traces that the limit of kept traces per second let through in this second and
    /// the one before, 0.0 to 1.0, if it applied to this trace.
    pub limit_rate: Option<f64>,
}

impl SpanSampling {
    pub(crate) fn new(
        priority: Option<SamplingPriority>,
        tags: &TraceTags,
        rule: Option<usize>,
        root_metrics: &[(&'static str, f64)],
    ) -> Self {
        let rate = |name| root_metrics.iter().find(|(key, _)| *key == name).map(|&(_, rate)| rate);
        Self {
            priority,
            mechanism: tags.get(TraceTags::DECISION_MAKER).and_then(mechanism),
            rule,
            rule_rate: rate(Decision::RULE_RATE),
            agent_rate: rate(Decision::AGENT_RATE),
            limit_rate: rate(Decision::LIMIT_RATE),
        }
    }

    /// Whether the decision has been made.
    pub fn is_decided(&self) -> bool {
        self.priority.is_some()
    }
}

/// Parses the number of the mechanism after the last `-`; peers may write a service before it.
fn mechanism(decision_maker: &str) -> Option<SamplingMechanism> {
    let (_, number) = decision_maker.rsplit_once('-')?;
    number.parse().ok().map(SamplingMechanism::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recorder::tracer,
        recording::Span,
        values::{SpanContext, SpanId, TraceId},
    };

    #[test]
    fn nothing_is_known_before_the_decision_and_all_of_it_after() {
        let (tracer, recorder) = tracer();
        recorder.decide_with(
            Decision::new(SamplingPriority::USER_KEEP, SamplingMechanism::RULE)
                .with_rule(3)
                .with_root_metric(Decision::RULE_RATE, 0.5)
                .with_root_metric(Decision::LIMIT_RATE, 0.75),
        );
        let span = tracer.span("root").start();
        assert_eq!(span.sampling(), SpanSampling::default());
        span.inject(&mut Vec::new());
        let expected = SpanSampling {
            priority: Some(SamplingPriority::USER_KEEP),
            mechanism: Some(SamplingMechanism::RULE),
            rule: Some(3),
            rule_rate: Some(0.5),
            agent_rate: None,
            limit_rate: Some(0.75),
        };
        assert_eq!(span.child("child").start().sampling(), expected);
        span.manual_drop();
        let by_hand = span.sampling();
        assert_eq!(by_hand.mechanism, Some(SamplingMechanism::MANUAL));
        assert_eq!((by_hand.rule, by_hand.rule_rate), (None, None));
    }

    #[test]
    fn a_received_decision_is_known_at_once_also_where_it_is_passed_on() {
        let (tracer, _recorder) = tracer();
        let _scope = tracer.enter();
        let context = SpanContext::new()
            .with_trace(TraceId::new(7).unwrap(), SpanId::new(9))
            .with_sampling_priority(SamplingPriority::AUTO_DROP)
            .with_trace_tags([(TraceTags::DECISION_MAKER, "-1")].into_iter().collect());
        for sampling in [
            tracer.span("root").child_of(&context).start().sampling(),
            Span::passing(context).sampling(),
        ] {
            assert_eq!(sampling.priority, Some(SamplingPriority::AUTO_DROP));
            assert_eq!(sampling.mechanism, Some(SamplingMechanism::AGENT_RATE));
        }
    }

    #[test]
    fn reads_mechanisms_as_peers_write_them() {
        #[rustfmt::skip]
        let table = [
            // tag            mechanism
            ("-4",            Some(4)),
            ("billing-3",     Some(3)),
            ("3",             None),
            ("-",             None),
            ("-256",          None),
        ];
        for (tag, expected) in table {
            assert_eq!(mechanism(tag), expected.map(SamplingMechanism::new), "{tag}");
        }
    }
}
