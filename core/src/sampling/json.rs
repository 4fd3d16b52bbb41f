//! The JSON format of rules in `DD_TRACE_SAMPLING_RULES` and `DD_SPAN_SAMPLING_RULES`.
//!
//! ```text
//! [{"sample_rate": 0.1, "service": glob, "name": glob, "resource": glob, "tags": {key: glob}}]
//! [{"sample_rate": 1.0, "service": glob, "name": glob, "max_per_second": 50}]
//! ```
//! Fields that are not listed are ignored, with a warning: a rule that lacks the misspelled
//! `ressource` matches more than was meant.

use serde_json::{Map, Value};

use super::{
    RuleError, RulesError, SamplingRule, SpanSamplingRule,
    rule::Provenance,
    rules::{Checked, check_rules, check_span_rules},
};
use crate::config::{nearest_of, shown};

/// The fields of a rule about traces. The limit has no effect, but other SDKs of Datadog take it.
const FIELDS: [&str; 7] =
    ["sample_rate", "service", "name", "resource", "tags", "max_per_second", "provenance"];

/// The fields of a rule about single spans.
const SPAN_FIELDS: [&str; 4] = ["sample_rate", "service", "name", "max_per_second"];

/// Reads rules about traces.
pub(crate) fn parse_rules(text: &str) -> Checked<SamplingRule> {
    let Some(list) = list(text) else { return (Vec::new(), Some(RulesError::NotAList)) };
    let (rules, error) = check_rules(list.iter().map(rule));
    (rules, RulesError::with(error, unknown_fields(&list, &FIELDS)))
}

/// Reads rules about single spans.
pub(crate) fn parse_span_rules(text: &str) -> Checked<SpanSamplingRule> {
    let Some(list) = list(text) else { return (Vec::new(), Some(RulesError::NotAList)) };
    let (rules, error) = check_span_rules(list.iter().map(span_rule));
    (rules, RulesError::with(error, unknown_fields(&list, &SPAN_FIELDS)))
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

/// Returns the first unknown field of each rule.
fn unknown_fields(rules: &[Value], known: &[&'static str]) -> Vec<(usize, RuleError)> {
    let unknown = |rule: &Value| {
        let mut fields = rule.as_object()?.keys();
        let field = fields.find(|field| !known.contains(&field.as_str()))?;
        let nearest = nearest_of(field, known.iter().copied());
        Some(RuleError::UnknownField { field: shown(field), nearest })
    };
    let found = rules.iter().map(unknown).enumerate();
    found.filter_map(|(number, fault)| Some((number, fault?))).collect()
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
            {"sample_rate": 0.5, "service": "web*", "name": null, "tags": {"a": "b"}}
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
        assert_eq!(error, Some(RulesError::Faulty(skipped)));
    }

    #[test]
    fn an_unknown_field_is_ignored_and_told() {
        let unknown = |field: &str, nearest| {
            let field = field.to_owned();
            RuleError::UnknownField { field, nearest }
        };
        let text = r#"[
            {"sample_rate": 0.5, "max_per_second": 5, "provenance": "customer"},
            {"sample_rate": 0.5, "ressource": "GET /", "x": 1}, {"sampel_rate": 0.5, "tags": {"y": "*"}}
        ]"#;
        let (rules, error) = parse_rules(text);
        assert_eq!(rules.len(), 2);
        let faults = vec![
            (1, unknown("ressource", Some("resource"))),
            (2, RuleError::NoRate),
            (2, unknown("sampel_rate", Some("sample_rate"))),
        ];
        assert_eq!(error, Some(RulesError::Faulty(faults)));
        assert_eq!(
            error.unwrap().to_string(),
            "rule #2 ignores the unknown field \"ressource\", which may mean \"resource\"; \
             rule #3 is left out: it has no sample_rate; \
             rule #3 ignores the unknown field \"sampel_rate\", which may mean \"sample_rate\""
        );

        let (rules, error) = parse_span_rules(r#"[{"name": "a", "resource": "b"}]"#);
        assert_eq!(rules, [SpanSamplingRule::new().name("a")]);
        assert_eq!(error, Some(RulesError::Faulty(vec![(0, unknown("resource", None))])));
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
        assert_eq!(error, Some(RulesError::Faulty(skipped)));
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
