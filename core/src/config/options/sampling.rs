//! Options of sampling: which traces are kept.

use super::ConfigOption;
#[cfg(feature = "agent")]
use crate::sampling::{parse_rules, parse_span_rules};
use crate::{
    Config,
    config::{
        ConfigWarning, ParseError,
        parse::{integer, sample_rate},
    },
};

const SPAN_RULES: &str = "DD_SPAN_SAMPLING_RULES";
const SPAN_RULES_FILE: &str = "DD_SPAN_SAMPLING_RULES_FILE";

pub(super) static OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        env: &["DD_TRACE_SAMPLING_RULES"],
        default: "none",
        about: "Rules about new traces, as a JSON array; the first one that matches decides.",
        takes_empty: false,
        read: read_rules,
    },
    ConfigOption {
        env: &[SPAN_RULES],
        default: "none",
        about: "Rules about single spans of dropped traces, as a JSON array; the first one that matches decides.",
        takes_empty: false,
        read: read_span_rules,
    },
    ConfigOption {
        env: &[SPAN_RULES_FILE],
        default: "none",
        about: "File with the rules about single spans, for when `DD_SPAN_SAMPLING_RULES` is not set.",
        takes_empty: false,
        read: |config, text| {
            config.span_sampling_rules_file = Some(text.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_SAMPLE_RATE"],
        default: "the Datadog Agent decides",
        about: "Fraction of new traces that is kept, from `0` to `1`.",
        takes_empty: false,
        read: |config, text| {
            config.sample_rate = Some(sample_rate(text)?);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_RATE_LIMIT"],
        default: "`100`",
        about: "The most new traces that rules and `DD_TRACE_SAMPLE_RATE` keep in a second; below `0` there is no limit.",
        takes_empty: false,
        read: |config, text| {
            config.rate_limit = integer(text)?;
            Ok(())
        },
    },
];

#[cfg(feature = "agent")]
fn read_rules(config: &mut Config, text: &str) -> Result<(), ParseError> {
    let (rules, error) = parse_rules(text);
    config.sampling_rules = rules;
    error.map_or(Ok(()), |error| Err(ParseError::SamplingRules(error)))
}

#[cfg(feature = "agent")]
fn read_span_rules(config: &mut Config, text: &str) -> Result<(), ParseError> {
    let (rules, error) = parse_span_rules(text);
    config.span_sampling_rules = Some(rules);
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

impl Config {
    /// Takes the rules about spans from their file, unless a variable has them.
    pub(in crate::config) fn read_span_rules_file(
        &mut self,
        read: impl Fn(&str) -> Option<String>,
    ) {
        let Some(path) = self.span_sampling_rules_file.clone() else { return };
        let result = match (&self.span_sampling_rules, read(&path)) {
            (Some(_), _) => Err(ParseError::OverriddenBy(SPAN_RULES)),
            (None, None) => Err(ParseError::File),
            (None, Some(text)) => read_span_rules(self, &text),
        };
        let warning = |error| ConfigWarning {
            variable: SPAN_RULES_FILE,
            value: path,
            error,
            default: "none",
        };
        self.warnings.extend(result.err().map(warning));
    }
}

#[cfg(all(test, feature = "agent"))]
mod tests {
    use super::*;
    use crate::sampling::{RuleError, RulesError, SpanSamplingRule};

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
        #[rustfmt::skip]
        let table = [
            // variable                      file           rules             warning
            (None,                           rules(good),   Some("from.file"), None),
            (Some(r#"[{"name": "var"}]"#),   rules(good),   Some("var"),       Some(ParseError::OverriddenBy(SPAN_RULES))),
            (Some("[]"),                     rules(good),   None,              Some(ParseError::OverriddenBy(SPAN_RULES))),
            (None,                           None,          None,              Some(ParseError::File)),
            (None,                           rules("{"),    None,              Some(ParseError::SamplingRules(RulesError::NotAList))),
            (None,                           rules("[{}]"), None,              Some(ParseError::SamplingRules(RulesError::Skipped(vec![(0, RuleError::NoPattern)])))),
        ];
        for (variable, file, name, expected) in table {
            let mut variables = vec![(SPAN_RULES_FILE, "/etc/rules.json")];
            variables.extend(variable.map(|text| (SPAN_RULES, text)));
            let mut config = config(&variables);
            config.read_span_rules_file(|path| file.clone().filter(|_| path == "/etc/rules.json"));
            let names: Vec<_> =
                name.map(|name| SpanSamplingRule::new().name(name)).into_iter().collect();
            assert_eq!(config.span_sampling_rules(), names, "{variable:?} {file:?}");
            let errors: Vec<_> =
                config.warnings().iter().map(|known| known.error.clone()).collect();
            assert_eq!(errors, Vec::from_iter(expected), "{variable:?} {file:?}");
        }
    }
}
