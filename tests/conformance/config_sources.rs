//! Settings from all sources: their precedence, OpenTelemetry's variables, and variables without effect.
//!
//! Rules: [Datadog, OpenTelemetry environment variables](https://docs.datadoghq.com/opentelemetry/config/environment_variable_support/)
//! and [library configuration](https://docs.datadoghq.com/tracing/trace_collection/library_config/).

use packdog::{
    Config,
    config::{ConfigProblem, Source, options},
};

type Variables<'a> = &'a [(&'a str, &'a str)];

fn read(variables: Variables<'_>) -> (Config, Vec<String>) {
    let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let (config, warnings) = Config::from_variables(owned);
    (config, warnings.iter().map(ToString::to_string).collect())
}

fn value(config: &Config, name: &str) -> (Option<String>, Source) {
    let found = config.settings().into_iter().find(|setting| setting.name == name).unwrap();
    (found.value, found.source)
}

#[test]
fn a_variable_of_opentelemetry_stands_in_for_an_option_that_is_unset() {
    #[rustfmt::skip]
    let table: [(Variables<'_>, &str, &str); 17] = [
        // variables                                                                option                        value
        (&[("OTEL_SERVICE_NAME", "users")],                                         "DD_SERVICE",                 "users"),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "service.name=a")],                         "DD_SERVICE",                 "a"),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=b")],               "DD_ENV",                     "b"),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=b")],          "DD_ENV",                     "b"),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "service.version=5")],                      "DD_VERSION",                 "5"),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "foo=bar1, baz=qux%2C1")],                  "DD_TAGS",                    "foo:bar1,baz:qux,1"),
        (&[("OTEL_TRACES_EXPORTER", "NONE")],                                       "DD_TRACE_ENABLED",           "false"),
        (&[("OTEL_TRACES_SAMPLER", "parentbased_always_on")],                       "DD_TRACE_SAMPLE_RATE",       "1"),
        (&[("OTEL_TRACES_SAMPLER", "Parentbased_Always_Off")],                      "DD_TRACE_SAMPLE_RATE",       "0"),
        (&[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")],                    "DD_TRACE_SAMPLE_RATE",       "1"),
        (&[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.1")], "DD_TRACE_SAMPLE_RATE", "0.1"),
        (&[("OTEL_PROPAGATORS", "b3,datadog")],                                     "DD_TRACE_PROPAGATION_STYLE", "b3,datadog"),
        (&[("OTEL_LOG_LEVEL", "error")],                                            "DD_TRACE_LOG_LEVEL",         "error"),
        (&[("OTEL_LOG_LEVEL", "DEBUG")],                                            "DD_TRACE_DEBUG",             "true"),
        (&[("OTEL_LOG_LEVEL", "debug")],                                            "DD_TRACE_LOG_LEVEL",         "debug"),
        (&[("OTEL_SDK_DISABLED", "true")],                                          "DD_TRACE_OTEL_ENABLED",      "false"),
        (&[("OTEL_SDK_DISABLED", "false")],                                         "DD_TRACE_OTEL_ENABLED",      "true"),
    ];
    for (variables, option, expected) in table {
        let (config, warnings) = read(variables);
        let expected = (Some(expected.to_owned()), Source::OpenTelemetry);
        assert_eq!(value(&config, option), expected, "{variables:?}");
        assert_eq!(warnings, [""; 0], "{variables:?}");
    }
}

#[test]
fn the_variable_of_the_option_wins_over_that_of_opentelemetry_with_a_warning() {
    #[rustfmt::skip]
    let table = [
        // OpenTelemetry               its value                option                         its value
        ("OTEL_SERVICE_NAME",          "other",                 "DD_SERVICE",                  "users"),
        ("OTEL_RESOURCE_ATTRIBUTES",   "foo=other,baz=other",   "DD_TAGS",                     "foo:bar,baz:qux"),
        ("OTEL_TRACES_EXPORTER",       "none",                  "DD_TRACE_ENABLED",            "true"),
        ("OTEL_TRACES_SAMPLER",        "always_off",            "DD_TRACE_SAMPLE_RATE",        "0.5"),
        ("OTEL_TRACES_SAMPLER_ARG",    "0.1",                   "DD_TRACE_SAMPLE_RATE",        "0.5"),
        ("OTEL_PROPAGATORS",           "datadog",               "DD_TRACE_PROPAGATION_STYLE",  "b3"),
        ("OTEL_LOG_LEVEL",             "debug",                 "DD_TRACE_LOG_LEVEL",          "error"),
        ("OTEL_SDK_DISABLED",          "true",                  "DD_TRACE_OTEL_ENABLED",       "true"),
    ];
    for (otel, other, option, own) in table {
        let (config, warnings) = read(&[(otel, other), (option, own)]);
        assert_eq!(value(&config, option), (Some(own.to_owned()), Source::Environment), "{otel}");
        let expected = format!("{otel} has no effect, because {option} is set. Unset one of them.");
        assert_eq!(warnings, [expected]);
    }
    let both = [
        ("OTEL_PROPAGATORS", "b3"),
        ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "datadog"),
        ("DD_TRACE_PROPAGATION_STYLE_INJECT", "datadog"),
    ];
    let (_, warnings) = read(&both);
    let by = "DD_TRACE_PROPAGATION_STYLE_EXTRACT";
    let expected =
        format!("OTEL_PROPAGATORS has no effect, because {by} is set. Unset one of them.");
    assert_eq!(warnings, [expected]);
    // A direction that has no styles of its own takes them.
    let (config, warnings) = read(&both[..2]);
    assert_eq!(
        (config.propagation().injected_styles().to_string(), warnings.len()),
        ("b3".into(), 0)
    );
}

#[test]
fn a_value_of_opentelemetry_that_has_no_counterpart_is_named() {
    #[rustfmt::skip]
    let table: [(Variables<'_>, &str); 9] = [
        (&[("OTEL_TRACES_EXPORTER", "otlp")],
            "OTEL_TRACES_EXPORTER \"otlp\" has no effect; using true for DD_TRACE_ENABLED. Write none, or unset the variable."),
        (&[("OTEL_METRICS_EXPORTER", "otlp")],
            "OTEL_METRICS_EXPORTER \"otlp\" has no effect. Write none, or unset the variable."),
        (&[("OTEL_LOGS_EXPORTER", "console")],
            "OTEL_LOGS_EXPORTER \"console\" has no effect. Write none, or unset the variable."),
        (&[("OTEL_TRACES_SAMPLER", "jaeger_remote")],
            "OTEL_TRACES_SAMPLER \"jaeger_remote\" is not a known sampler; using the default (the Datadog Agent decides) for DD_TRACE_SAMPLE_RATE. \
             Write parentbased_always_on, parentbased_always_off or parentbased_traceidratio."),
        (&[("OTEL_TRACES_SAMPLER", "always_on")],
            "OTEL_TRACES_SAMPLER \"always_on\" would ignore decisions of callers, which are always respected; using 1 for DD_TRACE_SAMPLE_RATE. \
             Write parentbased_ before it."),
        (&[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "10")],
            "OTEL_TRACES_SAMPLER_ARG \"10\" is not a number from 0 to 1; using 1 for DD_TRACE_SAMPLE_RATE. Write a number such as 0.5 for one half."),
        (&[("OTEL_PROPAGATORS", "b3,jaeger")],
            "OTEL_PROPAGATORS \"b3,jaeger\" has unknown entries (jaeger); using b3 for DD_TRACE_PROPAGATION_STYLE. Correct these entries, or remove them."),
        (&[("OTEL_LOG_LEVEL", "loud")],
            "OTEL_LOG_LEVEL \"loud\" is not a log level; using warn for DD_TRACE_LOG_LEVEL. Write error, warn, info, debug or off."),
        (&[("OTEL_SDK_DISABLED", "yes")],
            "OTEL_SDK_DISABLED \"yes\" is not a boolean; using true for DD_TRACE_OTEL_ENABLED. Write true, false, 1 or 0."),
    ];
    for (variables, expected) in table {
        assert_eq!(read(variables).1, [expected], "{variables:?}");
    }
    for exporter in ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"] {
        assert_eq!(read(&[(exporter, "none")]).1, [""; 0], "{exporter}");
    }
}

#[test]
fn ten_attributes_become_tags_and_the_others_are_named() {
    let text = |count| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
    let named = "service.name=a,service.version=1,deployment.environment=e,";
    for (count, warnings) in [(10, 0), (11, 1)] {
        let variables = [("OTEL_RESOURCE_ATTRIBUTES", &*(named.to_owned() + &text(count)))];
        let (config, found) = read(&variables);
        assert_eq!((config.tags().len(), found.len()), (10, warnings), "{count}");
        assert_eq!((config.service(), config.version()), ("a", Some("1")));
        assert!(found.iter().all(|warning| warning.contains("(k10 are left out)")), "{found:?}");
    }
}

#[test]
fn a_key_of_dd_tags_wins_over_opentelemetry_and_loses_to_its_own_option() {
    let otel = [("OTEL_SERVICE_NAME", "otel"), ("DD_TAGS", "service:tagged,team:a")];
    let (config, _) = read(&otel);
    assert_eq!(value(&config, "DD_SERVICE"), (Some("tagged".into()), Source::Environment));
    let (config, _) = read(&[otel[0], otel[1], ("DD_SERVICE", "own")]);
    assert_eq!(value(&config, "DD_SERVICE"), (Some("own".into()), Source::Environment));
}

#[test]
fn a_variable_that_has_no_effect_is_named_once() {
    #[rustfmt::skip]
    let table = [
        ("DD_SERIVCE",                 "is unknown and has no effect. Did you mean DD_SERVICE?"),
        ("PACKDOG_EGRES_BAGGAGE",      "is unknown and has no effect. Did you mean PACKDOG_EGRESS_BAGGAGE?"),
        ("OTEL_SERVICE",               "is unknown and has no effect."),
        ("DD_APPSEC_ENABLED",          "is not supported by packdog and has no effect."),
        ("DD_TRACE_METHODS",           "is not supported by packdog and has no effect."),
        ("OTEL_EXPORTER_OTLP_HEADERS", "is not supported by packdog and has no effect."),
    ];
    for (name, expected) in table {
        assert_eq!(read(&[(name, "secret")]).1, [format!("{name} {expected}")]);
        assert_eq!(read(&[(name, " ")]).1, [""; 0], "{name} is empty");
    }
    for name in ["PATH", "DATADOG_X", "_DD_X", "DD_AGENT_SERVICE_HOST", "DD_AGENT_PORT_8126_TCP"] {
        assert_eq!(read(&[(name, "x")]).1, [""; 0], "{name}");
    }
    for variable in options().flat_map(|option| option.variables) {
        let names = [((*variable).to_owned(), "x".to_owned())];
        let (_, warnings) = Config::from_variables(names);
        let unusable = |problem| matches!(problem, ConfigProblem::Unusable { .. });
        assert!(warnings.into_iter().all(|warning| unusable(warning.problem)), "{variable}");
    }
}

#[test]
fn an_environment_full_of_unknown_variables_makes_few_warnings() {
    let many = (0..10_000).map(|n| (format!("DD_X{n}"), "x".to_owned()));
    assert_eq!(Config::from_variables(many).1.len(), 30);
}

#[test]
fn no_warning_shows_a_password_or_more_than_a_hundred_characters() {
    let long = "x".repeat(100_000);
    let url = "https://user:hunter2@agent:8126";
    let list = "5,".repeat(50_000);
    let rules = format!("[{list}5]");
    for option in options() {
        for text in [&*long, url, &format!("{url},{long}"), &list, &rules, "a\nb\r\u{1b}[31m,:"] {
            for warning in read(&[(option.name(), text)]).1 {
                assert!(!warning.contains("hunter2"), "{warning}");
                assert!(!warning.contains(char::is_control), "{warning}");
                assert!(warning.len() < 700, "{} has {} bytes", option.name(), warning.len());
            }
        }
    }
}

#[test]
fn tags_of_every_span_have_64_kb_at_most() {
    let value = "v".repeat(1_000);
    let text = (0..100).map(|n| format!("k{n:02}:{value}")).collect::<Vec<_>>().join(",");
    let (config, warnings) = read(&[("DD_TAGS", &text)]);
    let bytes = |config: &Config| -> usize { config.tags().map(|(k, v)| k.len() + v.len()).sum() };
    assert_eq!((config.tags().len(), warnings.len()), (65, 1));
    assert!(bytes(&config) <= 64 * 1024);
    assert!(warnings[0].contains("has more than 64 kB (k65,k66,"), "{}", warnings[0]);

    let config =
        (0..100).fold(Config::new(), |config, n| config.with_tag(format!("k{n:02}"), &*value));
    assert_eq!((config.tags().len(), config.warnings().len()), (65, 35));
}

#[test]
fn names_that_every_span_repeats_are_as_long_as_the_agent_keeps_them() {
    let long = "é".repeat(50_000);
    let (config, _) = read(&[("DD_SERVICE", &long), ("DD_ENV", &long), ("DD_VERSION", &long)]);
    let by_code = Config::new().with_service(&*long).with_env(&*long).with_version(&*long);
    for config in [config, by_code] {
        let (service, name) = ("é".repeat(50), "é".repeat(100));
        assert_eq!(config.service(), service);
        assert_eq!((config.env(), config.version()), (Some(&*name), Some(&*name)));
    }
}

#[test]
fn a_hundred_thousand_tags_are_cut_at_64_kb_with_one_warning() {
    let text = (0..100_000).map(|n| format!("k{n:05}:v,k{n:05}:w,")).collect::<String>();
    let tags = packdog::config::parse_tags(&text);
    assert_eq!(tags.len(), 100_000, "a repeated key is one tag");
    assert_eq!(tags.last(), Some(&("k99999".to_owned(), "w".to_owned())));

    let (config, warnings) = read(&[("DD_TAGS", &text)]);
    let bytes = config.tags().map(|(key, value)| key.len() + value.len()).sum::<usize>();
    assert_eq!((config.tags().len(), bytes), (64 * 1024 / 7, 64 * 1024 / 7 * 7));
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(warning.contains("has more than 64 kB (k09362,k09363,"), "{warning}");
}

#[test]
fn the_recipe_from_ddtrace_lists_the_variables_that_are_read() {
    let recipe = include_str!("../../core/src/recipes/from_ddtrace.md");
    let section = |start: &str| {
        let (_, section) = recipe.split_once(start).unwrap_or_else(|| panic!("no {start:?}"));
        let rows = section.trim_start().lines().take_while(|line| line.starts_with('|')).skip(2);
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    let names = |cell: &str| {
        let quoted = cell.split('`').skip(1).step_by(2).filter(|name| name.starts_with("DD_"));
        quoted.map(str::to_owned).collect::<Vec<_>>()
    };
    let cell = |row: &str, index: usize| row.split('|').nth(index).unwrap().to_owned();
    let is_option =
        |name: &String| options().any(|option| option.variables.contains(&name.as_str()));

    let same = section("Variables that mean the same, with the same default:\n");
    let same = same.iter().flat_map(|row| names(&cell(row, 2))).collect::<Vec<_>>();
    assert!(same.len() > 45, "only {}", same.len());
    let differing = section("Variables that differ:\n");
    let differing = differing.iter().flat_map(|row| names(row)).collect::<Vec<_>>();
    assert!(differing.len() >= 4, "{differing:?}");
    for name in same.iter().chain(&differing) {
        assert!(is_option(name), "{name} is not an option");
    }
    let without = section("Variables that have no effect, with their replacements:\n");
    assert!(without.len() >= 10, "{without:?}");
    for row in &without {
        let [name] = &names(&cell(row, 1))[..] else { panic!("{row}") };
        let counterpart = match name.as_str() {
            "DD_LOGS_INJECTION" => " packdog::tracing::CorrelatedJson writes trace ids into logs.",
            _ => "",
        };
        let expected =
            format!("{name} is not supported by packdog and has no effect.{counterpart}");
        assert_eq!(read(&[(name, "true")]).1, [expected]);
        for other in names(&cell(row, 2)) {
            assert!(is_option(&other), "{other}, in place of {name}, is not an option");
        }
    }
}
