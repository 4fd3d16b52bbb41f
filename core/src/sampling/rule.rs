//! A rule about traces: patterns for the traces that it matches, and the rate at which they are
//! kept.

use super::{
    Glob, NotARate, SampleRate,
    span_view::{SpanView, Tag},
};

/// A rule that decides about new traces: traces whose local root matches all its patterns are kept
/// at its rate.
///
/// Rules are tried in order, and the first one that matches decides; a rule without patterns
/// matches every trace. Patterns are [globs](Glob) for the whole text and ignore case.
///
/// ```
/// use packdog::{Config, sampling::SamplingRule};
///
/// let config = Config::new().with_sampling_rules([
///     SamplingRule::new(0.0).resource("GET /health*"),
///     SamplingRule::new(1.0).service("checkout").tag("customer.tier", "gold"),
///     SamplingRule::new(0.1).service("checkout"),
/// ]);
/// assert_eq!(config.sampling_rules().len(), 3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SamplingRule {
    rate: Result<SampleRate, NotARate>,
    /// The position in the configured list, which includes invalid rules.
    number: usize,
    service: Option<Glob>,
    name: Option<Glob>,
    resource: Option<Glob>,
    tags: Vec<(String, Glob)>,
    provenance: Provenance,
}

/// The source of a rule; rules of earlier sources are tried first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Provenance {
    /// Written by a person, and sent by Datadog.
    Customer,
    /// Computed by Datadog.
    Dynamic,
    /// Configured for this process.
    #[default]
    Local,
}

impl SamplingRule {
    /// Creates a rule that keeps this fraction of all traces, from 0.0 to 1.0.
    ///
    /// The rate is checked by [`Config::with_sampling_rules`](crate::Config::with_sampling_rules).
    pub fn new(rate: f64) -> Self {
        Self {
            rate: SampleRate::new(rate),
            number: 0,
            service: None,
            name: None,
            resource: None,
            tags: Vec::new(),
            provenance: Provenance::default(),
        }
    }

    /// Sets the pattern for the service of the local root.
    pub fn service(mut self, pattern: impl Into<Glob>) -> Self {
        self.service = Some(pattern.into());
        self
    }

    /// Sets the pattern for the operation name of the local root.
    pub fn name(mut self, pattern: impl Into<Glob>) -> Self {
        self.name = Some(pattern.into());
        self
    }

    /// Sets the pattern for the resource of the local root.
    pub fn resource(mut self, pattern: impl Into<Glob>) -> Self {
        self.resource = Some(pattern.into());
        self
    }

    /// Adds a pattern for a tag of the local root, which must have the tag.
    ///
    /// The key is not a pattern, and its case matters. A whole number matches by its digits; any
    /// other number matches only patterns that consist of `*` and `?`. So the pattern `"1.5"` never
    /// matches the number 1.5.
    pub fn tag(mut self, key: impl Into<String>, pattern: impl Into<Glob>) -> Self {
        self.tags.push((key.into(), pattern.into()));
        self
    }

    pub(super) fn with_provenance(mut self, provenance: Provenance) -> Self {
        self.provenance = provenance;
        self
    }

    pub(super) fn with_number(mut self, number: usize) -> Self {
        self.number = number;
        self
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn provenance(&self) -> Provenance {
        self.provenance
    }

    /// Returns the rate.
    ///
    /// # Errors
    /// Returns an error if it is not from 0 to 1.
    pub(super) fn rate(&self) -> Result<&SampleRate, NotARate> {
        self.rate.as_ref().map_err(|error| *error)
    }

    pub(super) fn matches(&self, span: &SpanView<'_>) -> bool {
        let matches = |pattern: &Option<Glob>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
        };
        matches(&self.service, span.service())
            && matches(&self.name, span.name())
            && matches(&self.resource, span.resource())
            && self.tags.iter().all(|(key, pattern)| matches_tag(pattern, span, key))
    }
}

fn matches_tag(pattern: &Glob, span: &SpanView<'_>, key: &str) -> bool {
    match span.tag(key) {
        None => false,
        Some(Tag::Text(text)) => pattern.matches(text),
        Some(Tag::Number(number)) => {
            let is_whole = number.fract() == 0.0;
            // A whole number is displayed without a point.
            (is_whole || pattern.is_all_wildcards()) && pattern.matches(&number.to_string())
        }
    }
}
