//! Sampling rules: the texts that a glob matches, and the rule that decides about a trace.

use packdog::{
    Config,
    sampling::{Glob, SamplingRule},
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A row of `sampling_rules_glob.json`.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Row {
    Glob {
        name: String,
        pattern: String,
        subject: String,
        matches: bool,
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "note")]
        _note: Option<String>,
    },
    Rules {
        name: String,
        rules: Value,
        span: Span,
        matched_rule: Option<usize>,
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "note")]
        _note: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    service: String,
    name: String,
    resource: String,
    meta: Map<String, Value>,
    metrics: Map<String, Value>,
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("vectors/sampling_rules_glob.json")).unwrap()
}

/// The rule that decides about a trace with this root, in a tracer that the environment configures.
fn deciding_rule(rules: &Value, root: &Span) -> Option<usize> {
    let rules = rules.to_string();
    let (config, warnings) =
        Config::from_lookup(|name| (name == "DD_TRACE_SAMPLING_RULES").then(|| rules.clone()));
    assert!(warnings.is_empty(), "{warnings:?}");
    decided(config, root).rule
}

/// The decision about a trace with this root; no Agent is needed for it.
fn decided(config: Config, root: &Span) -> packdog::sampling::SpanSampling {
    let guard = config.build().unwrap();
    let mut span = guard
        .tracer()
        .span(root.name.clone())
        .service(root.service.clone())
        .resource(root.resource.clone());
    for (key, value) in &root.meta {
        span = span.tag(key.clone(), value.as_str().unwrap());
    }
    for (key, value) in &root.metrics {
        span = span.tag(key.clone(), value.as_f64().unwrap());
    }
    let span = span.start();
    span.inject(&mut Vec::new());
    let sampling = span.sampling();
    guard.shutdown(std::time::Duration::ZERO);
    sampling
}

#[test]
fn a_glob_matches_as_in_every_datadog_tracer() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for row in rows() {
        let Row::Glob { name, pattern, subject, matches, .. } = row else { continue };
        count += 1;
        if Glob::new(pattern.as_str()).matches(&subject) != matches {
            wrong.push(format!("{name}: {pattern:?} is to match {subject:?}: {matches}"));
        }
    }
    assert!(count >= 38, "only {count} rows were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_first_rule_that_matches_decides() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for row in rows() {
        let Row::Rules { name, rules, span, matched_rule, .. } = row else { continue };
        count += 1;
        let rule = deciding_rule(&rules, &span);
        if rule != matched_rule {
            wrong.push(format!("{name}: {rule:?} decided, not {matched_rule:?}"));
        }
    }
    assert!(count >= 19, "only {count} rows were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn root(service: &str, tags: &[(&str, &str)]) -> Span {
    Span {
        service: service.to_owned(),
        name: "web.request".to_owned(),
        resource: "GET /users/{id}".to_owned(),
        meta: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect(),
        metrics: Map::new(),
    }
}

#[test]
fn rules_match_tags_of_the_span_before_those_of_the_process() {
    let config = || {
        Config::new()
            .with_service("users")
            .with_env("prod")
            .with_version("7")
            .with_tag("team", "apm")
    };
    #[rustfmt::skip]
    let table = [
        // tag                   pattern   service   own tags              decides
        ("env",                  "prod",   "users",  &[][..],              true),
        ("env",                  "prod",   "users",  &[("env", "dev")],    false),
        ("env",                  "dev",    "users",  &[("env", "dev")],    true),
        ("version",              "7",      "users",  &[],                  true),
        ("version",              "*",      "other",  &[],                  false),
        ("team",                 "APM",    "other",  &[],                  true),
        ("team",                 "apm",    "users",  &[("team", "core")],  false),
        ("_dd.base_service",     "users",  "other",  &[],                  true),
        ("_dd.base_service",     "*",      "users",  &[],                  false),
    ];
    for (tag, pattern, service, own, decides) in table {
        let rule = SamplingRule::new(1.0).tag(tag, pattern);
        let sampling = decided(config().with_sampling_rules([rule]), &root(service, own));
        assert_eq!(sampling.rule, decides.then_some(0), "{tag} {pattern} {service} {own:?}");
    }
}

#[test]
fn a_decision_names_its_rule_by_its_index_in_the_list() {
    let rules = [
        SamplingRule::new(7.0),
        SamplingRule::new(1.0).service("other"),
        SamplingRule::new(0.0).resource("get /users/*"),
    ];
    let config = Config::new().with_sampling_rules(rules).with_sample_rate(1.0);
    let [warning] = &config.warnings()[..] else { panic!("{:?}", config.warnings()) };
    let message = warning.to_string();
    assert!(message.contains("rule #1 is left out: its rate is not"), "{message}");

    let sampling = decided(config.clone(), &root("users", &[]));
    assert_eq!((sampling.rule, sampling.rule_rate), (Some(2), Some(0.0)));
    assert_eq!(sampling.limit_rate, None, "what is dropped does not use up the limit");
    let by_the_rate = decided(config.with_sampling_rules([]), &root("users", &[]));
    assert_eq!((by_the_rate.rule, by_the_rate.rule_rate), (None, Some(1.0)));
    assert_eq!(by_the_rate.limit_rate, Some(1.0));
}

#[test]
fn unusable_rules_are_named_and_the_others_are_used() {
    let read = |text: &str| {
        Config::from_lookup(|name| (name == "DD_TRACE_SAMPLING_RULES").then(|| text.to_owned()))
    };
    let (config, warnings) =
        read(r#"[{"service": "a"}, {"sample_rate": 0.5}, {"sample_rate": 1, "name": 7}]"#);
    assert_eq!(config.sampling_rules().len(), 1);
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    let message = warning.to_string();
    assert!(message.contains("rule #1 is left out: it has no sample_rate"), "{message}");
    assert!(message.contains("rule #3 is left out: its name has the wrong type"), "{message}");

    for text in ["[{]", "{}", "rules"] {
        let (config, warnings) = read(text);
        assert_eq!((config.sampling_rules().len(), warnings.len()), (0, 1), "{text}");
        assert!(warnings[0].to_string().contains("not a JSON array"), "{}", warnings[0]);
    }
}
