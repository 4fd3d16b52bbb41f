//! Texts of settings: `DD_TAGS` as every Datadog tracer reads it, and which setting wins.

use packdog::{
    Config,
    config::{options, options_table, parse_tags},
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
        (Some("https://c"),         Some("a"),     Some("1"),  None,      "http://a:1"),
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
fn an_unusable_value_warns_with_name_value_and_what_is_used_instead() {
    let (config, warnings) =
        config(&[("DD_TRACE_ENABLED", "perhaps"), ("DD_TRACE_PARTIAL_FLUSH_MIN_SPANS", "0")]);
    assert_eq!((config.is_enabled(), config.partial_flush()), (true, Some(300)));
    assert_eq!(
        warnings,
        [
            "DD_TRACE_ENABLED=\"perhaps\" is not used: neither true nor false; \
             using the default: `true`",
            "DD_TRACE_PARTIAL_FLUSH_MIN_SPANS=\"0\" is not used: not a whole number above zero \
             in its range; using the default: `300`",
        ]
    );
}

#[test]
fn an_empty_variable_is_an_unset_one_for_every_option() {
    for option in options() {
        for variable in option.env {
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
        assert!(option.env.iter().all(|name| line.contains(&format!("`{name}`"))), "{line}");
        assert_eq!(line.matches('|').count(), 4, "{line}");
    }
}

#[test]
fn the_readme_shows_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let table = options_table();
    assert!(readme.contains(&table), "the table in README.md has to be:\n{table}");
}

#[test]
fn egress_rules_that_cannot_be_read_let_nobody_in() {
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
        ["PACKDOG_EGRESS_TRACE=\"a test\" is used in part: unknown: a test; using: none"]
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
        ["DD_SERVICE_MAPPING=\"a.test : pantry, :b, c:, d\" is used in part: \
          unknown: :b, c:, d; using: a.test:pantry"]
    );
}
