//! Sampling: rules and rates for traces, and rules for single spans of dropped traces.

#[cfg(feature = "agent")]
use crate::sampling::{parse_rules, parse_span_rules};
use crate::{
    Config,
    config::{
        ConfigProblem, ConfigWarning, ParseError, Source, declare::options, warning::Unusable,
    },
    sampling::{
        RulesError, SampleRate, SamplingRule, SpanSamplingRule, check_rules, check_span_rules,
    },
};

const RULES: &str = "DD_TRACE_SAMPLING_RULES";
const SPAN_RULES: &str = "DD_SPAN_SAMPLING_RULES";
const SPAN_RULES_FILE: &str = "DD_SPAN_SAMPLING_RULES_FILE";

options! {
    /// Sampling: rules and rates for traces, and rules for single spans of dropped traces.
    #[derive(Clone, Debug)]
    pub(crate) struct SamplingSettings at |config| config.sampling;

    /// The rules about new traces. The first rule that matches decides.
    rules: Vec<SamplingRule> = Vec::new(), {
        variables: ["DD_TRACE_SAMPLING_RULES"],
        format: "Format: a JSON array.",
        default: "none",
        read: read_rules,
        show: |config| count(&config.sampling.rules),
        get: sampling_rules -> &[SamplingRule] = |rules| rules,
    }

    /// The rules about single spans of dropped traces. The first rule that matches decides.
    span_rules: Option<Vec<SpanSamplingRule>> = None, {
        variables: ["DD_SPAN_SAMPLING_RULES"],
        format: "Format: a JSON array.",
        default: "none",
        read: read_span_rules,
        show: |config| count(config.span_sampling_rules()),
        get: span_sampling_rules -> &[SpanSamplingRule] = |rules| rules.as_deref().unwrap_or_default(),
    }

    /// The file that has the rules about single spans, unless `DD_SPAN_SAMPLING_RULES` is set.
    span_rules_file: Option<String> = None, {
        variables: ["DD_SPAN_SAMPLING_RULES_FILE"],
        default: "none",
    }

    /// The fraction of new traces that is kept, from `0` to `1`.
    rate: Option<SampleRate> = None, {
        variables: ["DD_TRACE_SAMPLE_RATE"],
        default: "the Datadog Agent decides",
        get: sample_rate -> Option<&SampleRate> = |rate| rate.as_ref(),
    }

    /// The most new traces in a second that rules and `DD_TRACE_SAMPLE_RATE` keep.
    per_second: i64 = 100, {
        variables: ["DD_TRACE_RATE_LIMIT"],
        format: "A number below `0` removes the limit.",
        default: "`100`",
        /// Sets the most new traces in a second that rules and the sample rate keep; `None` for no
        /// limit.
        set: with_rate_limit(per_second: Option<u32>) => per_second.map_or(-1, i64::from),
    }
}

impl Config {
    /// Sets the rules about new traces (`DD_TRACE_SAMPLING_RULES`); the first one that matches
    /// decides.
    ///
    /// A rule whose rate is not from 0 to 1 is left out, with one of the
    /// [`warnings`](Config::warnings).
    ///
    /// ```
    /// use packdog::{Config, sampling::SamplingRule};
    ///
    /// let config = Config::new().with_sampling_rules([
    ///     SamplingRule::new(0.0).resource("GET /health*"),
    ///     SamplingRule::new(0.1).service("users"),
    ///     SamplingRule::new(7.0), // Not a rate.
    /// ]);
    /// assert_eq!(config.sampling_rules().len(), 2);
    /// assert_eq!(config.warnings().len(), 1);
    /// ```
    pub fn with_sampling_rules(mut self, rules: impl IntoIterator<Item = SamplingRule>) -> Self {
        let (rules, error) = check_rules(rules.into_iter().map(Ok));
        self.sampling.rules = rules;
        self.set_by_code(RULES);
        self.warn_of_rules(RULES, error);
        self
    }

    /// Sets the rules about single spans of dropped traces (`DD_SPAN_SAMPLING_RULES`); the first
    /// one that matches a span decides.
    ///
    /// A rule that has no pattern, or whose rate is not from 0 to 1, is left out, with one of the
    /// [`warnings`](Config::warnings).
    ///
    /// ```
    /// use packdog::{Config, sampling::SpanSamplingRule};
    ///
    /// let rule = SpanSamplingRule::new().name("payment.*").rate(0.5).max_per_second(50.0);
    /// let config = Config::new().with_span_sampling_rules([rule, SpanSamplingRule::new()]);
    /// assert_eq!(config.span_sampling_rules().len(), 1);
    /// assert_eq!(config.warnings().len(), 1);
    /// ```
    pub fn with_span_sampling_rules(
        mut self,
        rules: impl IntoIterator<Item = SpanSamplingRule>,
    ) -> Self {
        let (rules, error) = check_span_rules(rules.into_iter().map(Ok));
        self.sampling.span_rules = Some(rules);
        self.set_by_code(SPAN_RULES);
        self.warn_of_rules(SPAN_RULES, error);
        self
    }

    fn warn_of_rules(&mut self, option: &'static str, error: Option<RulesError>) {
        let unusable = error.map(ParseError::SamplingRules);
        self.unusable.extend(unusable.map(|error| Unusable::of(option, "set by code", error)));
    }

    /// Sets the fraction of new traces that is kept (`DD_TRACE_SAMPLE_RATE`), from 0 to 1.
    ///
    /// Another number changes nothing, and there is a [warning](Config::warnings) about it.
    pub fn with_sample_rate(mut self, rate: f64) -> Self {
        self.read_by_code("DD_TRACE_SAMPLE_RATE", &rate.to_string());
        self
    }

    /// The most new traces in a second that rules and the sample rate keep; `None` for no limit.
    pub fn rate_limit(&self) -> Option<u32> {
        let per_second = self.sampling.per_second;
        (per_second >= 0).then(|| u32::try_from(per_second).unwrap_or(u32::MAX))
    }

    /// Takes the rules about spans from their file, unless a variable has them.
    pub(in crate::config) fn read_span_rules_file(
        &mut self,
        read: impl Fn(&str) -> Option<String>,
    ) {
        let Some(path) = self.sampling.span_rules_file.clone() else { return };
        if self.sampling.span_rules.is_some() {
            let problem = ConfigProblem::Overridden { by: SPAN_RULES };
            let variable = SPAN_RULES_FILE.to_owned();
            return self.other_warnings.push(ConfigWarning { variable, problem });
        }
        let result = match read(&path) {
            Some(text) => read_span_rules(self, &text),
            None => Err(ParseError::File),
        };
        if self.sampling.span_rules.is_some() {
            self.sources.set(SPAN_RULES, Source::Environment);
        }
        if let Err(error) = result {
            self.unusable.push(Unusable::of(SPAN_RULES_FILE, &path, error));
        }
    }
}

fn count<R>(rules: &[R]) -> Option<String> {
    match rules.len() {
        0 => None,
        1 => Some("1 rule".to_owned()),
        count => Some(format!("{count} rules")),
    }
}

#[cfg(feature = "agent")]
fn read_rules(config: &mut Config, text: &str) -> Result<(), ParseError> {
    let (rules, error) = parse_rules(text);
    config.sampling.rules = rules;
    error.map_or(Ok(()), |error| Err(ParseError::SamplingRules(error)))
}

#[cfg(feature = "agent")]
fn read_span_rules(config: &mut Config, text: &str) -> Result<(), ParseError> {
    let (rules, error) = parse_span_rules(text);
    config.sampling.span_rules = Some(rules);
    error.map_or(Ok(()), |error| Err(ParseError::SamplingRules(error)))
}

/// Only a tracer applies rules, and only the feature brings one.
#[cfg(not(feature = "agent"))]
fn read_rules(_: &mut Config, _: &str) -> Result<(), ParseError> {
    Ok(())
}

#[cfg(not(feature = "agent"))]
fn read_span_rules(_: &mut Config, _: &str) -> Result<(), ParseError> {
    Ok(())
}

#[cfg(all(test, feature = "agent"))]
mod tests {
    use super::*;
    use crate::sampling::RuleError;

    fn config(variables: &[(&str, &str)]) -> Config {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::from_lookup(lookup).0
    }

    #[test]
    fn the_file_counts_where_the_variable_is_not_set() {
        let rules = |text: &str| Some(text.to_owned());
        let good = r#"[{"name": "from.file"}]"#;
        let overridden = || ConfigProblem::Overridden { by: SPAN_RULES };
        let unusable = |error| ConfigProblem::Unusable {
            value: "/etc/rules.json".to_owned(),
            error,
            in_force: Some("/etc/rules.json".to_owned()),
        };
        let no_list = ParseError::SamplingRules(RulesError::NotAList);
        let skipped = RulesError::Faulty(vec![(0, RuleError::NoPattern)]);
        let skipped = ParseError::SamplingRules(skipped);
        #[rustfmt::skip]
        let table = [
            // variable                      file           rules             warning
            (None,                           rules(good),   Some("from.file"), None),
            (Some(r#"[{"name": "var"}]"#),   rules(good),   Some("var"),       Some(overridden())),
            (Some("[]"),                     rules(good),   None,              Some(overridden())),
            (None,                           None,          None,              Some(unusable(ParseError::File))),
            (None,                           rules("{"),    None,              Some(unusable(no_list))),
            (None,                           rules("[{}]"), None,              Some(unusable(skipped))),
        ];
        for (variable, file, name, expected) in table {
            let mut variables = vec![(SPAN_RULES_FILE, "/etc/rules.json")];
            variables.extend(variable.map(|text| (SPAN_RULES, text)));
            let mut config = config(&variables);
            config.read_span_rules_file(|path| file.clone().filter(|_| path == "/etc/rules.json"));
            let names: Vec<_> =
                name.map(|name| SpanSamplingRule::new().name(name)).into_iter().collect();
            assert_eq!(config.span_sampling_rules(), names, "{variable:?} {file:?}");
            let problems: Vec<_> =
                config.warnings().into_iter().map(|warning| warning.problem).collect();
            assert_eq!(problems, Vec::from_iter(expected), "{variable:?} {file:?}");
        }
    }
}
