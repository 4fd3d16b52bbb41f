//! The JSON format of rules in `DD_TRACE_SAMPLING_RULES` and `DD_SPAN_SAMPLING_RULES`.
//!
//! ```text
//! [{"sample_rate": 0.1, "service": glob, "name": glob, "resource": glob, "tags": {key: glob}}]
//! [{"sample_rate": 1.0, "service": glob, "name": glob, "max_per_second": 50}]
//! ```
//! Fields that are not listed are ignored.

use serde_json::{Map, Value};

use super::{
    RuleError, RulesError, SamplingRule, SpanSamplingRule,
    rule::Provenance,
    rules::{Checked, check_rules, check_span_rules},
};

/// Reads rules about traces.
pub(crate) fn parse_rules(text: &str) -> Checked<SamplingRule> {
    match list(text) {
        Some(rules) => check_rules(rules.iter().map(rule)),
        None => (Vec::new(), Some(RulesError::NotAList)),
    }
}

/// Reads rules about single spans.
pub(crate) fn parse_span_rules(text: &str) -> Checked<SpanSamplingRule> {
    match list(text) {
        Some(rules) => check_span_rules(rules.iter().map(span_rule)),
        None => (Vec::new(), Some(RulesError::NotAList)),
    }
}

fn list(text: &str) -> Option<Vec<Value>> {
    serde_json::from_str(text).ok()
}

fn rule(value: &Value) -> Result<SamplingRule, RuleError> {
    let fields = Fields::of(value)?;
    let mut rule = SamplingRule::new(fields.number("sample_rate")?.ok_or(RuleError::NoRate)?);
    if let Some(service) = fields.text("service")? {
        rule = rule.service(service);
    }
    if let Some(name) = fields.text("name")? {
        rule = rule.name(name);
    }
    if let Some(resource) = fields.text("resource")? {
        rule = rule.resource(resource);
    }
    if let Some(tags) = fields.get("tags") {
        for (key, pattern) in tags.as_object().ok_or(RuleError::Type("tags"))? {
            rule = rule.tag(key, pattern.as_str().ok_or(RuleError::Type("tags"))?);
        }
    }
    Ok(rule.with_provenance(match fields.text("provenance")? {
        Some("customer") => Provenance::Customer,
        Some("dynamic") => Provenance::Dynamic,
        _ => Provenance::Local,
    }))
}

fn span_rule(value: &Value) -> Result<SpanSamplingRule, RuleError> {
    let fields = Fields::of(value)?;
    let mut rule = SpanSamplingRule::new();
    if let Some(service) = fields.text("service")? {
        rule = rule.service(service);
    }
    if let Some(name) = fields.text("name")? {
        rule = rule.name(name);
    }
    if let Some(rate) = fields.number("sample_rate")? {
        rule = rule.rate(rate);
    }
    if let Some(limit) = fields.number("max_per_second")? {
        rule = rule.max_per_second(limit);
    }
    Ok(rule)
}

/// The fields of a rule; `null` counts as absent.
struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn of(value: &'a Value) -> Result<Self, RuleError> {
        value.as_object().map(Self).ok_or(RuleError::NotAnObject)
    }

    fn get(&self, field: &'static str) -> Option<&'a Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    fn text(&self, field: &'static str) -> Result<Option<&'a str>, RuleError> {
        let text = |value: &'a Value| value.as_str().ok_or(RuleError::Type(field));
        self.get(field).map(text).transpose()
    }

    fn number(&self, field: &'static str) -> Result<Option<f64>, RuleError> {
        let number = |value: &Value| value.as_f64().ok_or(RuleError::Type(field));
        self.get(field).map(number).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_cannot_be_used_are_left_out_one_by_one() {
        let text = r#"[
            {"service": "a"}, {"sample_rate": "1"}, {"sample_rate": 1.1}, {"sample_rate": -0.1}, 5,
            {"sample_rate": 1, "service": 7}, {"sample_rate": 1, "tags": {"a": 1}},
            {"sample_rate": 1, "tags": []}, {"sample_rate": null},
            {"sample_rate": 0.5, "service": "web*", "name": null, "tags": {"a": "b"}, "x": [1]}
        ]"#;
        let (rules, error) = parse_rules(text);
        let expected = SamplingRule::new(0.5).service("web*").tag("a", "b").with_number(9);
        assert_eq!(rules, [expected]);
        use RuleError::{NoRate, NotAnObject, Rate, Type};
        let reasons = [
            NoRate,
            Type("sample_rate"),
            Rate,
            Rate,
            NotAnObject,
            Type("service"),
            Type("tags"),
            Type("tags"),
            NoRate,
        ];
        let skipped = reasons.into_iter().enumerate().collect();
        assert_eq!(error, Some(RulesError::Skipped(skipped)));
    }

    #[test]
    fn span_rules_have_defaults_for_all_but_their_patterns() {
        let text = r#"[{"name": "a"}, {"service": "b", "sample_rate": 0.5, "max_per_second": 2},
            {"name": "c", "max_per_second": -1}, {"sample_rate": 1}, {"name": "d", "sample_rate": 2},
            {"name": "e", "max_per_second": "10"}]"#;
        let (rules, error) = parse_span_rules(text);
        let expected = [
            SpanSamplingRule::new().name("a"),
            SpanSamplingRule::new().service("b").rate(0.5).max_per_second(2.0),
            SpanSamplingRule::new().name("c"),
        ];
        assert_eq!(rules, expected);
        let skipped = vec![
            (3, RuleError::NoPattern),
            (4, RuleError::Rate),
            (5, RuleError::Type("max_per_second")),
        ];
        assert_eq!(error, Some(RulesError::Skipped(skipped)));
    }

    #[test]
    fn a_text_that_is_no_array_gives_no_rules() {
        for text in ["", "{", "{}", r#"{"sample_rate": 1}"#, "1", "[{]", "null"] {
            assert_eq!(parse_rules(text), (Vec::new(), Some(RulesError::NotAList)), "{text}");
            let (rules, error) = parse_span_rules(text);
            assert_eq!((rules.len(), error), (0, Some(RulesError::NotAList)), "{text}");
        }
        assert_eq!(parse_rules("[]"), (Vec::new(), None));
    }
}
