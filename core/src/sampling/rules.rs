//! Lists of rules: the valid rules, and the faults of the list.
//!
//! An invalid rule is left out, and those after it keep their numbers.

use std::fmt;

use super::{SamplingRule, SpanSamplingRule};

/// The most errors of rules that a message shows.
const MAX_SHOWN: usize = 5;

/// The error of a list of sampling rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RulesError {
    /// The text is not a JSON array. Then there are no rules.
    NotAList,
    /// Some rules have faults: their positions in the list, from 0 on, and the fault of each.
    Faulty(Vec<(usize, RuleError)>),
}

/// The fault of one sampling rule. For all of them but
/// [`UnknownField`](RuleError::UnknownField), the rule is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleError {
    /// It is not a JSON object.
    NotAnObject,
    /// It has no `sample_rate`.
    NoRate,
    /// Its rate is not a number from 0 to 1.
    Rate,
    /// This field has a value of the wrong type.
    Type(&'static str),
    /// It is about single spans and has neither a service nor a name.
    NoPattern,
    /// It has a field that no rule has. The rule applies as if the field were not there.
    UnknownField {
        /// The name of the field, at most 100 characters of it.
        field: String,
        /// The name that is most like it.
        nearest: Option<&'static str>,
    },
}

/// The valid rules, in the order in which they are tried, and the errors of the others.
pub(crate) type Checked<R> = (Vec<R>, Option<RulesError>);

/// Checks rules about traces.
pub(crate) fn check_rules(
    rules: impl IntoIterator<Item = Result<SamplingRule, RuleError>>,
) -> Checked<SamplingRule> {
    let (mut rules, error) = check(rules, |rule, number| {
        rule.rate().map_err(|_| RuleError::Rate)?;
        Ok(rule.with_number(number))
    });
    rules.sort_by_key(SamplingRule::provenance);
    (rules, error)
}

/// Checks rules about single spans.
pub(crate) fn check_span_rules(
    rules: impl IntoIterator<Item = Result<SpanSamplingRule, RuleError>>,
) -> Checked<SpanSamplingRule> {
    check(rules, |rule, _| {
        rule.checked_rate().map_err(|_| RuleError::Rate)?;
        if rule.has_pattern() { Ok(rule) } else { Err(RuleError::NoPattern) }
    })
}

fn check<R>(
    rules: impl IntoIterator<Item = Result<R, RuleError>>,
    check: impl Fn(R, usize) -> Result<R, RuleError>,
) -> Checked<R> {
    let (mut usable, mut skipped) = (Vec::new(), Vec::new());
    for (number, rule) in rules.into_iter().enumerate() {
        match rule.and_then(|rule| check(rule, number)) {
            Ok(rule) => usable.push(rule),
            Err(error) => skipped.push((number, error)),
        }
    }
    (usable, RulesError::of(skipped))
}

impl RulesError {
    fn of(faults: Vec<(usize, RuleError)>) -> Option<Self> {
        (!faults.is_empty()).then_some(Self::Faulty(faults))
    }

    /// Adds faults of the same list to those that were found.
    #[cfg(feature = "agent")]
    pub(super) fn with(error: Option<Self>, more: Vec<(usize, RuleError)>) -> Option<Self> {
        let mut faults = match error {
            Some(Self::NotAList) => return error,
            Some(Self::Faulty(faults)) => faults,
            None => Vec::new(),
        };
        faults.extend(more);
        faults.sort_by_key(|(number, _)| *number);
        Self::of(faults)
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAList => f.write_str("not a JSON array"),
            Self::Faulty(faults) => {
                for (index, (number, error)) in faults.iter().take(MAX_SHOWN).enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    let verb = match error {
                        RuleError::UnknownField { .. } => "ignores",
                        _ => "is left out:",
                    };
                    // People count from one.
                    write!(f, "{separator}rule #{} {verb} {error}", number + 1)?;
                }
                match faults.len().saturating_sub(MAX_SHOWN) {
                    0 => Ok(()),
                    more => write!(f, "; and {more} more"),
                }
            }
        }
    }
}

impl std::error::Error for RulesError {}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("it is not a JSON object"),
            Self::NoRate => f.write_str("it has no sample_rate"),
            Self::Rate => f.write_str("its rate is not a number from 0 to 1"),
            Self::Type(field) => write!(f, "its {field} has the wrong type"),
            Self::NoPattern => f.write_str("it has neither a service nor a name"),
            Self::UnknownField { field, nearest } => {
                write!(f, "the unknown field {field:?}")?;
                match nearest {
                    Some(nearest) => write!(f, ", which may mean {nearest:?}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for RuleError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_with_an_impossible_rate_is_left_out_and_the_others_keep_their_numbers() {
        let rules = [0.5, 1.5, f64::NAN, 0.0].map(|rate| Ok(SamplingRule::new(rate)));
        let (usable, error) = check_rules(rules);
        let numbers: Vec<_> = usable.iter().map(SamplingRule::number).collect();
        assert_eq!(numbers, [0, 3]);
        let skipped = vec![(1, RuleError::Rate), (2, RuleError::Rate)];
        assert_eq!(error, Some(RulesError::Faulty(skipped)));
    }

    #[test]
    fn a_message_shows_the_first_errors_and_counts_the_others() {
        let shown = |count| {
            let (_, error) = check_rules((0..count).map(|_| Err(RuleError::NoRate)));
            error.unwrap().to_string()
        };
        let five = shown(5);
        assert!(five.ends_with("rule #5 is left out: it has no sample_rate"), "{five}");
        assert_eq!(shown(100_000), format!("{five}; and 99995 more"));
    }

    #[test]
    fn a_rule_about_spans_needs_a_pattern() {
        let rules = [SpanSamplingRule::new(), SpanSamplingRule::new().name("*")].map(Ok);
        let (usable, error) = check_span_rules(rules);
        assert_eq!(usable, [SpanSamplingRule::new().name("*")]);
        assert_eq!(
            error.unwrap().to_string(),
            "rule #1 is left out: it has neither a service nor a name"
        );
    }
}
