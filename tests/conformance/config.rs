//! Texts of settings: `DD_TAGS` as every Datadog tracer reads it, and which setting wins.

use packdog::{
    Config,
    config::{Setting, Source, options, options_table, otel_table, parse_tags},
};
use serde::Deserialize;

/// A row of `tags_parsing.json`.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Row {
    DdTags {
        name: String,
        input: String,
        expect: Vec<(String, String)>,
        #[serde(rename = "source")]
        _source: String,
    },
    ErrorStatuses {
        #[serde(rename = "name")]
        _name: String,
        #[serde(rename = "input")]
        _input: String,
        #[serde(rename = "status")]
        _status: u16,
        #[serde(rename = "is_error")]
        _is_error: bool,
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "note")]
        _note: Option<String>,
    },
}

fn config(variables: &[(&str, &str)]) -> (Config, Vec<String>) {
    let (config, warnings) = Config::from_lookup(|name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    (config, warnings.iter().map(ToString::to_string).collect())
}

#[test]
fn dd_tags_are_read_as_in_every_datadog_tracer() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("vectors/tags_parsing.json")).unwrap();
    let mut count = 0;
    let mut wrong = Vec::new();
    for row in rows {
        let Row::DdTags { name, input, expect, .. } = row else { continue };
        count += 1;
        let tags = parse_tags(&input);
        if tags != expect {
            wrong.push(format!("{name}: {input:?} gave {tags:?}, not {expect:?}"));
        }
    }
    assert!(count >= 23, "only {count} rows were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn service_env_and_version_come_from_dd_tags_only_where_their_variables_are_unset() {
    let tags = ("DD_TAGS", "service:tagged,env:tagged,version:tagged,team:apm");
    let (config_of_tags, _) = config(&[tags]);
    assert_eq!(config_of_tags.service(), "tagged");
    assert_eq!(config_of_tags.env(), Some("tagged"));
    assert_eq!(config_of_tags.version(), Some("tagged"));
    assert_eq!(config_of_tags.tags().collect::<Vec<_>>(), [("team", "apm")]);

    let (config, _) = config(&[tags, ("DD_SERVICE", "users"), ("DD_ENV", "prod")]);
    assert_eq!((config.service(), config.env()), ("users", Some("prod")));
    assert_eq!(config.version(), Some("tagged"));
}

#[test]
fn code_wins_over_the_environment_and_that_over_the_default() {
    assert_eq!(config(&[]).0.service(), "unnamed-rust-service");
    let (config, _) = config(&[("DD_SERVICE", "environment")]);
    assert_eq!(config.service(), "environment");
    assert_eq!(config.with_service("code").service(), "code");
}

#[test]
fn the_url_of_the_agent_wins_over_its_host_and_port() {
    let url = |variables: &[(&str, &str)]| config(variables).0.agent_url().to_string();
    #[rustfmt::skip]
    let table = [
        // url                      host           port        alias      the Agent
        (None,                      None,          None,       None,      "http://localhost:8126"),
        (None,                      Some("agent"), None,       None,      "http://agent:8126"),
        (None,                      Some("::1"),   Some("1"),  None,      "http://[::1]:1"),
        (None,                      Some("[::1]"), None,       None,      "http://[::1]:8126"),
        (None,                      None,          Some("1"),  None,      "http://localhost:1"),
        (None,                      None,          None,       Some("b"), "http://b:8126"),
        (None,                      Some("a"),     None,       Some("b"), "http://a:8126"),
        (Some(""),                  Some("a"),     None,       None,      "http://a:8126"),
        (Some("http://c:9/x/"),     Some("a"),     Some("1"),  None,      "http://c:9/x"),
        (Some("ftp://c"),           Some("a"),     Some("1"),  None,      "http://a:1"),
    ];
    for (agent_url, host, port, alias, expected) in table {
        let variables = [
            ("DD_TRACE_AGENT_URL", agent_url),
            ("DD_AGENT_HOST", host),
            ("DD_TRACE_AGENT_PORT", port),
            ("DD_TRACE_AGENT_HOSTNAME", alias),
        ];
        let set = variables.into_iter().filter_map(|(name, value)| Some((name, value?)));
        assert_eq!(url(&set.collect::<Vec<_>>()), expected, "{variables:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_unix_socket_is_used_as_configured_whether_it_is_there_or_not() {
    let variables = [("DD_TRACE_AGENT_URL", "unix:///not/there.socket"), ("DD_AGENT_HOST", "a")];
    let (config, warnings) = config(&variables);
    assert_eq!(warnings, [""; 0]);
    assert_eq!(config.agent_url().to_string(), "unix:///not/there.socket");
}

#[test]
fn an_unusable_value_warns_with_name_value_and_replacement() {
    let (config, warnings) =
        config(&[("DD_TRACE_ENABLED", "perhaps"), ("DD_TRACE_PARTIAL_FLUSH_MIN_SPANS", "0")]);
    assert_eq!((config.is_enabled(), config.partial_flush()), (true, Some(300)));
    assert_eq!(
        warnings,
        [
            "DD_TRACE_ENABLED \"perhaps\" is not a boolean; using true. \
             Write true, false, 1 or 0.",
            "DD_TRACE_PARTIAL_FLUSH_MIN_SPANS \"0\" is not a whole number above zero, or too \
             large; using 300. Write a whole number from 1.",
        ]
    );
}

#[test]
fn an_external_env_that_cannot_be_sent_is_left_out_and_told() {
    for (value, shown) in [("it-false\ncn-users", "it-false\\ncn-users"), ("\u{7f}", "\\u{7f}")] {
        let (config, warnings) = config(&[("DD_EXTERNAL_ENV", value)]);
        assert_eq!(config.external_env(), None, "{value:?}");
        assert_eq!(
            warnings,
            [format!(
                "DD_EXTERNAL_ENV \"{shown}\" cannot be the value of a header; using the default \
                 (none). Remove line feeds and other control characters."
            )]
        );
    }
    let (_, warnings) = config(&[("DD_EXTERNAL_ENV", &"\n-".repeat(1_000_000))]);
    assert!(warnings[0].len() < 500, "{}", warnings[0].len());
    let (config, warnings) = config(&[("DD_EXTERNAL_ENV", "it-false,cn-users")]);
    assert_eq!((config.external_env(), warnings.len()), (Some("it-false,cn-users"), 0));
}

#[test]
fn an_empty_variable_is_an_unset_one_for_every_option() {
    for option in options() {
        for variable in option.variables {
            let (_, warnings) = config(&[(variable, " ")]);
            assert_eq!(warnings, [""; 0], "{variable}");
        }
    }
}

#[test]
fn the_table_has_one_line_for_each_option() {
    let table = options_table();
    let lines = table.lines().skip(2).collect::<Vec<_>>();
    assert_eq!(lines.len(), options().count());
    for (line, option) in lines.iter().zip(options()) {
        assert!(option.variables.iter().all(|name| line.contains(&format!("`{name}`"))), "{line}");
        assert_eq!(line.matches('|').count(), 4, "{line}");
    }
}

#[test]
fn the_readme_shows_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    for table in [options_table(), otel_table()] {
        assert!(readme.contains(&table), "the table in README.md has to be:\n{table}");
    }
}

#[test]
fn a_default_that_a_variable_could_have_is_the_value_in_force() {
    let mut count = 0;
    for Setting { name, value, source, default, .. } in Config::new().settings() {
        assert_eq!(source, Source::Default, "{name}");
        let default = default.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
        let Some(default) = default.filter(|text| !text.contains(['`', ' '])) else { continue };
        // Some options have the value of another one by default.
        let other = Config::new().settings().into_iter().find(|other| other.name == default);
        let expected = other.map_or(Some(default.to_owned()), |other| other.value);
        if name != "PACKDOG_EGRESS_BAGGAGE_MAX_BYTES" {
            assert_eq!(value, expected, "{name}");
            count += 1;
        }
    }
    assert!(count > 30, "only {count} defaults were compared");
}

#[test]
fn egress_rules_that_cannot_be_read_allow_no_host() {
    #[rustfmt::skip]
    let table = [
        // PACKDOG_EGRESS_TRACE and _BAGGAGE  trace            baggage
        ("",                              "*",             "local"),
        ("*.test:443, 10.0.0.0/8",        "*.test:443,10.0.0.0/8", "local,*.test:443,10.0.0.0/8"),
        ("*",                             "*",             "local,*"),
        ("none",                          "none",          "none"),
        ("none,a.test",                   "a.test",        "a.test"),
        ("10.0.0.0/99,a.test",            "a.test",        "local,a.test"),
        ("http://a.test/",                "none",          "local"),
    ];
    for (text, trace, baggage) in table {
        let (config, warnings) =
            config(&[("PACKDOG_EGRESS_TRACE", text), ("PACKDOG_EGRESS_BAGGAGE", text)]);
        let client = &config.http().client;
        let rules = (client.trace_to.to_string(), client.baggage_to.to_string());
        assert_eq!(rules, (trace.to_owned(), baggage.to_owned()), "{text}");
        assert_eq!(!warnings.is_empty(), text.contains("//") || text.contains("99"), "{text}");
    }
    let (_, warnings) = config(&[("PACKDOG_EGRESS_TRACE", "a test")]);
    assert_eq!(
        warnings,
        ["PACKDOG_EGRESS_TRACE \"a test\" has unknown entries (a test); using none. \
          Correct these entries, or remove them."]
    );
}

#[test]
fn clients_take_names_and_limits_from_the_environment() {
    let (config, warnings) = config(&[
        ("PACKDOG_EGRESS_BAGGAGE_KEYS", " plan,, user.id "),
        ("PACKDOG_EGRESS_BAGGAGE_MAX_BYTES", "100"),
        ("DD_SERVICE_MAPPING", "a.test : pantry, :b, c:, d"),
        ("DD_TRACE_PEER_SERVICE_MAPPING", "a:b"),
        ("DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED", "1"),
    ]);
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let client = &config.http().client;
    assert_eq!(client.baggage_keys, Some(vec!["plan".to_owned(), "user.id".to_owned()]));
    assert_eq!(client.baggage_max_bytes, Some(100));
    assert_eq!(client.service_mapping, [pair("a.test", "pantry")]);
    assert_eq!(client.peer_service_mapping, [pair("a", "b")]);
    assert!(client.has_peer_service);
    assert_eq!(
        warnings,
        ["DD_SERVICE_MAPPING \"a.test : pantry, :b, c:, d\" has unknown entries (:b,c:,d); \
          using a.test:pantry. Correct these entries, or remove them."]
    );
}

/// The value of an option and its source.
fn setting(config: &Config, name: &str) -> (Option<String>, Source) {
    let setting = config.settings().into_iter().find(|setting| setting.name == name);
    setting.map(|setting| (setting.value, setting.source)).unwrap()
}

#[test]
fn each_value_knows_its_source() {
    let variables = [
        ("DD_ENV", "prod"),
        ("DD_TAGS", "version:7,team:apm"),
        ("DD_TRACE_RATE_LIMIT", "many"),
        ("OTEL_PROPAGATORS", "b3"),
    ];
    let config = config(&variables).0.with_service("users").with_env("test");
    #[rustfmt::skip]
    let table = [
        // option                       value                     source
        ("DD_SERVICE",                  Some("users"),            Source::Code),
        ("DD_ENV",                      Some("test"),             Source::Code),
        ("DD_VERSION",                  Some("7"),                Source::Environment),
        ("DD_TAGS",                     Some("team:apm"),         Source::Environment),
        ("DD_TRACE_PROPAGATION_STYLE",  Some("b3"),               Source::OpenTelemetry),
        ("DD_TRACE_RATE_LIMIT",         Some("100"),              Source::Default),
        ("DD_HOSTNAME",                 None,                     Source::Default),
    ];
    for (name, value, source) in table {
        assert_eq!(setting(&config, name), (value.map(str::to_owned), source), "{name}");
    }
    assert_eq!(config.settings().len(), options().count());
}

#[test]
fn a_group_from_code_is_the_source_of_its_changes() {
    let (config, _) = config(&[("DD_TRACE_CLIENT_IP_ENABLED", "true")]);
    let mut http = config.http().clone();
    http.server_query_enabled = false;
    http.client.has_peer_service = true;
    let mut propagation = config.propagation().clone();
    propagation.extract_first = true;
    let config = config.with_http(http).with_propagation(propagation);
    #[rustfmt::skip]
    let table = [
        // option                                      value    source
        ("DD_TRACE_CLIENT_IP_ENABLED",                 "true",  Source::Environment),
        ("DD_HTTP_SERVER_TAG_QUERY_STRING",            "false", Source::Code),
        ("DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED",     "true",  Source::Code),
        ("DD_TRACE_PROPAGATION_EXTRACT_FIRST",         "true",  Source::Code),
        ("DD_TRACE_HTTP_CLIENT_TAG_QUERY_STRING",      "true",  Source::Default),
    ];
    for (name, value, source) in table {
        assert_eq!(setting(&config, name), (Some(value.to_owned()), source), "{name}");
    }
}

#[test]
fn a_rate_outside_0_to_1_is_unusable_in_the_environment_and_in_code() {
    let rate = "DD_TRACE_SAMPLE_RATE";
    for text in ["50", "1.5", "-0.1", "NaN"] {
        let (from_env, warnings) = config(&[(rate, text)]);
        assert_eq!(setting(&from_env, rate), (None, Source::Default), "{text}");
        let expected = format!(
            "{rate} {text:?} is not a number from 0 to 1; using the default (the Datadog Agent \
             decides). Write a number such as 0.5 for one half."
        );
        assert_eq!(warnings, std::slice::from_ref(&expected));

        let from_code = Config::new().with_sample_rate(text.parse().unwrap());
        assert_eq!(setting(&from_code, rate), (None, Source::Default), "{text}");
        assert_eq!(from_code.warnings()[0].to_string(), expected);
    }
}

#[test]
fn a_negative_limit_of_traces_is_none_and_one_of_baggage_is_zero_with_a_warning() {
    for text in ["-1", "-9223372036854775808"] {
        let (config, warnings) = config(&[("DD_TRACE_RATE_LIMIT", text)]);
        assert_eq!((config.rate_limit(), &warnings[..]), (None, &[][..]), "{text}");
    }
    assert_eq!(config(&[("DD_TRACE_RATE_LIMIT", "0")]).0.rate_limit(), Some(0));

    let expected =
        |name| format!("{name} \"-1\" is below zero; using 0. Write a whole number from 0.");
    for name in [
        "DD_TRACE_BAGGAGE_MAX_ITEMS",
        "DD_TRACE_BAGGAGE_MAX_BYTES",
        "PACKDOG_EGRESS_BAGGAGE_MAX_BYTES",
    ] {
        let (config, warnings) = config(&[(name, "-1")]);
        assert_eq!(warnings, [expected(name)]);
        assert_eq!(setting(&config, name).0.as_deref(), Some("0"), "{name}");
        for text in ["0", "-0", "18446744073709551616"] {
            assert_eq!(self::config(&[(name, text)]).1, [""; 0], "{name} {text}");
        }
    }
    // Negative numbers disable the header.
    assert_eq!(config(&[("DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH", "-1")]).1, [""; 0]);
}

#[test]
fn a_pattern_that_is_too_large_is_not_called_malformed() {
    let name = "DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP";
    #[rustfmt::skip]
    let table = [
        // pattern                  fault
        ("(",                       "is not a regular expression, so whole queries are left out of URLs."),
        ("([0-9]{1000}){1000}",     "is too large: it takes more than 1 MiB once it is compiled, so"),
    ];
    for (text, fault) in table {
        let (config, warnings) = config(&[(name, text)]);
        assert!(warnings[0].contains(fault), "{}", warnings[0]);
        assert_eq!(config.http().query_redaction.redact("a=1"), None, "{text}");
    }
}

#[test]
fn a_warning_names_the_value_in_force_when_the_tracer_starts() {
    let (config, warnings) = config(&[("DD_TRACE_AGENT_URL", "localhost:8126")]);
    let expected = |url: &str| {
        format!(
            "DD_TRACE_AGENT_URL \"localhost:8126\" has no scheme; using {url}. \
             Write http:// or unix:// before it."
        )
    };
    assert_eq!(warnings, [expected("http://localhost:8126")]);
    let config = config.with_agent_url("http://agent:1");
    assert_eq!(config.warnings()[0].to_string(), expected("http://agent:1"));
}

#[test]
fn a_number_beyond_its_range_is_the_nearest_one_with_a_warning() {
    #[rustfmt::skip]
    let table = [
        // variable                           text      warning
        ("DD_TRACE_AGENT_TIMEOUT_SECONDS",    "60",     None),
        ("DD_TRACE_AGENT_TIMEOUT_SECONDS",    "0.01",   Some("is not from 0.1 to 60; using 0.1")),
        ("DD_TRACE_AGENT_TIMEOUT_SECONDS",    "500",    Some("is not from 0.1 to 60; using 60")),
        ("DD_TRACE_PARTIAL_FLUSH_MIN_SPANS",  "10000",  None),
        ("DD_TRACE_PARTIAL_FLUSH_MIN_SPANS",  "10001",  Some("is not from 1 to 10000; using 10000")),
    ];
    for (name, text, fault) in table {
        let expected =
            fault.map(|fault| format!("{name} \"{text}\" {fault}. Write a number of this range."));
        assert_eq!(config(&[(name, text)]).1, Vec::from_iter(expected), "{name} {text}");
    }

    let warnings = |config: Config| {
        let warnings = config.warnings().into_iter().map(|warning| warning.to_string());
        warnings.collect::<Vec<_>>()
    };
    let config = Config::new().with_partial_flush(Some(0));
    assert_eq!(config.partial_flush(), Some(1));
    assert_eq!(
        warnings(config),
        ["DD_TRACE_PARTIAL_FLUSH_MIN_SPANS \"0\" is not from 1 to 10000; using 1. \
          Write a number of this range."]
    );
    let config = Config::new().with_agent_timeout(std::time::Duration::from_secs(90));
    assert_eq!(
        warnings(config),
        ["DD_TRACE_AGENT_TIMEOUT_SECONDS \"90\" is not from 0.1 to 60; using 60. \
          Write a number of this range."]
    );
    assert!(Config::new().with_partial_flush(None).warnings().is_empty());
}

#[test]
fn a_timeout_has_bounds_whatever_is_set() {
    use std::time::Duration;
    let name = "DD_TRACE_AGENT_TIMEOUT_SECONDS";
    #[rustfmt::skip]
    let table = [
        // text    milliseconds
        ("0.01",   100),
        ("0.1",    100),
        ("7.5",    7_500),
        ("60",     60_000),
        ("1e19",   60_000),
    ];
    for (text, millis) in table {
        assert_eq!(config(&[(name, text)]).0.agent_timeout(), Duration::from_millis(millis));
    }
    let bounded = |timeout| Config::new().with_agent_timeout(timeout).agent_timeout();
    assert_eq!(bounded(Duration::MAX), Duration::from_secs(60));
    assert_eq!(bounded(Duration::ZERO), Duration::from_millis(100));
}
