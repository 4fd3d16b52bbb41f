//! A rule about single spans that are kept even if their trace is dropped.

use super::{Glob, NotARate, SampleRate, span_view::SpanView};

/// A rule that keeps single spans of traces that are dropped.
///
/// Rules are tried in order for each span, and the first one that matches decides: it keeps the
/// span at its rate, unless its limit is reached. The rest of the trace is not kept.
///
/// ```
/// use packdog::{Config, sampling::SpanSamplingRule};
///
/// let config = Config::new().with_span_sampling_rules([
///     SpanSamplingRule::new().service("billing").name("payment.*").max_per_second(50.0),
/// ]);
/// assert_eq!(config.span_sampling_rules().len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SpanSamplingRule {
    service: Option<Glob>,
    name: Option<Glob>,
    rate: Result<SampleRate, NotARate>,
    max_per_second: Option<f64>,
}

impl SpanSamplingRule {
    /// Creates a rule that keeps all spans; it needs a pattern for the service or for the name.
    ///
    /// The rule is checked by
    /// [`Config::with_span_sampling_rules`](crate::Config::with_span_sampling_rules).
    #[expect(clippy::new_without_default, reason = "a rule without a pattern is of no use")]
    pub fn new() -> Self {
        Self { service: None, name: None, rate: SampleRate::new(1.0), max_per_second: None }
    }

    /// Sets the pattern for the service of the span.
    pub fn service(mut self, pattern: impl Into<Glob>) -> Self {
        self.service = Some(pattern.into());
        self
    }

    /// Sets the pattern for the operation name of the span.
    pub fn name(mut self, pattern: impl Into<Glob>) -> Self {
        self.name = Some(pattern.into());
        self
    }

    /// Sets the fraction of matching spans that is kept, from 0.0 to 1.0; 1.0 by default.
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = SampleRate::new(rate);
        self
    }

    /// Sets the most spans that the rule keeps per second; by default, and if it is below 0.0,
    /// there is no limit.
    pub fn max_per_second(mut self, max_per_second: f64) -> Self {
        self.max_per_second =
            (0.0..f64::INFINITY).contains(&max_per_second).then_some(max_per_second);
        self
    }

    /// Returns the rate.
    ///
    /// # Errors
    /// Returns an error if it is not from 0 to 1.
    pub(super) fn checked_rate(&self) -> Result<&SampleRate, NotARate> {
        self.rate.as_ref().map_err(|error| *error)
    }

    pub(super) fn limit(&self) -> Option<f64> {
        self.max_per_second
    }

    pub(super) fn has_pattern(&self) -> bool {
        self.service.is_some() || self.name.is_some()
    }

    pub(super) fn matches(&self, span: &SpanView<'_>) -> bool {
        let matches = |pattern: &Option<Glob>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
        };
        matches(&self.service, span.service()) && matches(&self.name, span.name())
    }
}
