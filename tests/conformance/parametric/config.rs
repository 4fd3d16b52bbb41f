//! Settings from the environment: their effect, their values in `/trace/config`, and the warnings for bad ones.

use serde_json::{Value, json};

use crate::harness::{App, Env};

impl App {
    /// The configuration that the server reports.
    async fn config(&self) -> Value {
        let mut reply = self.get("/trace/config", Value::Null).await;
        let config = reply["config"].take();
        for (key, value) in config.as_object().unwrap() {
            assert!(value.is_null() || value.is_string(), "{key} is {value}");
        }
        config
    }
}

#[tokio::test]
async fn enabled_tracing_sends_and_is_reported_as_enabled() {
    for env in [&[][..], &[("DD_TRACE_ENABLED", "true")], &[("DD_TRACE_ENABLED", "1")]] {
        let Some(app) = App::start(env).await else { return };
        assert_eq!(app.config().await["dd_trace_enabled"], "true");
        let (_, injected) = app.hop(&[]).await;
        assert!(!injected.is_empty());
        assert_eq!(app.spans().await.len(), 1);
    }
}

#[tokio::test]
async fn tracing_that_is_off_sends_and_injects_nothing_and_endpoints_still_respond() {
    let Some(app) = App::start(&[("DD_TRACE_ENABLED", "false")]).await else { return };
    assert_eq!(app.config().await["dd_trace_enabled"], "false");
    let incoming = [("x-datadog-trace-id", "7"), ("x-datadog-parent-id", "8"), ("baggage", "a=1")];
    let (root, injected) = app.hop(&incoming).await;
    assert!(injected.is_empty(), "{injected:?}");
    let child = app.child("child", root.span_id).await;
    assert_ne!(child.span_id, root.span_id);
    app.set_meta(child, "key", "value").await;
    app.finish(child).await;
    assert_eq!(app.spans().await.len(), 0);
}

#[tokio::test]
async fn service_env_and_version_win_over_dd_tags() {
    let all = [
        ("DD_SERVICE", "shop"),
        ("DD_ENV", "prod"),
        ("DD_VERSION", "5.2.0"),
        ("DD_TAGS", "service:other,env:other,version:other,team:a"),
    ];
    #[rustfmt::skip]
    let table = [
        // environment   service   env      version
        (&all[..],       "shop",   "prod",  "5.2.0"),
        (&all[3..],      "other",  "other", "other"),
    ];
    for (env, service, environment, version) in table {
        let Some(app) = App::start(env).await else { return };
        let config = app.config().await;
        assert_eq!(config["dd_service"], service);
        assert_eq!(config["dd_env"], environment);
        assert_eq!(config["dd_version"], version);
        assert_eq!(config["dd_tags"], "team:a");
        app.hop(&[]).await;
        let span = app.only_span().await;
        assert_eq!(span.service, service);
        assert_eq!((span.tag("env"), span.tag("version")), (Some(environment), Some(version)));
        assert_eq!(span.tag("team"), Some("a"));
    }
}

#[tokio::test]
async fn dd_tags_are_separated_by_commas_else_by_spaces() {
    #[rustfmt::skip]
    let table: [(&str, &[(&str, &str)]); 8] = [
        ("key1:value1,key2:value2",             &[("key1", "value1"), ("key2", "value2")]),
        ("key1:value1 key2:value2",             &[("key1", "value1"), ("key2", "value2")]),
        ("env:test aKey:aVal bKey:bVal cKey:",  &[("env", "test"), ("aKey", "aVal"), ("bKey", "bVal"), ("cKey", "")]),
        ("env:test,aKey:aVal bKey:bVal cKey:",  &[("env", "test"), ("aKey", "aVal bKey:bVal cKey:")]),
        ("a:b:c:d",                             &[("a", "b:c:d")]),
        ("a",                                   &[("a", "")]),
        (" a : b , c ",                         &[("a", "b"), ("c", "")]),
        (":x,a:1",                              &[("a", "1")]),
    ];
    for (text, tags) in table {
        let Some(app) = App::start(&[("DD_TAGS", text)]).await else { return };
        app.hop(&[]).await;
        let span = app.only_span().await;
        for (key, value) in tags {
            assert_eq!(span.tag(key), Some(*value), "{text:?}");
        }
    }
}

#[tokio::test]
async fn a_tag_of_a_span_wins_over_dd_tags() {
    let Some(app) = App::start(&[("DD_TAGS", "team:a")]).await else { return };
    let span = app.span("root").await;
    app.set_meta(span, "team", "b").await;
    app.finish(span).await;
    assert_eq!(app.only_span().await.tag("team"), Some("b"));
}

#[tokio::test]
async fn the_address_of_the_agent_is_the_url_else_host_and_port() {
    const URL: &str = "DD_TRACE_AGENT_URL";
    const HOST: &str = "DD_AGENT_HOST";
    const PORT: &str = "DD_TRACE_AGENT_PORT";
    #[rustfmt::skip]
    let table = [
        // rule                                    url                                      host         port    effective
        ("a URL wins",                             "http://random-host:9999/",              "other",     "8888", "http://random-host:9999"),
        ("its port is 8126 by default",            "http://random-host",                    "other",     "8888", "http://random-host:8126"),
        ("an IPv6 address in a URL",               "http://[::1]:5000",                     "other",     "8888", "http://[::1]:5000"),
        ("an empty URL is none",                   "",                                      "random",    "8888", "http://random:8888"),
        ("a bare IPv6 host",                       "",                                      "::1",       "5000", "http://[::1]:5000"),
        ("a bracketed IPv6 host",                  "",                                      "[::1]",     "5000", "http://[::1]:5000"),
        ("an empty host is the default one",       "",                                      "",          "5000", "http://localhost:5000"),
        ("a bad port is the default one",          "",                                      "random",    "x",    "http://random:8126"),
    ];
    for (rule, url, host, port, effective) in table {
        let env = [(URL, url), (HOST, host), (PORT, port)];
        let Some(app) = App::start(&env).await else { return };
        assert_eq!(app.config().await["dd_trace_agent_url"], effective, "{rule}");
    }
}

#[tokio::test]
async fn a_socket_is_used_as_configured_also_where_it_does_not_exist() {
    const SOCKET: &str = "unix:///var/run/datadog/no.socket";
    let Some(app) = App::start(&[("DD_TRACE_AGENT_URL", SOCKET)]).await else { return };
    assert_eq!(app.config().await["dd_trace_agent_url"], SOCKET);
}

#[tokio::test]
async fn the_styles_that_are_read_are_reported_in_order() {
    #[rustfmt::skip]
    let table: [(Env<'_>, &str); 3] = [
        (&[],                                                                        "datadog,tracecontext,baggage"),
        (&[("DD_TRACE_PROPAGATION_STYLE", "B3 single header, Datadog")],             "b3,datadog"),
        (&[("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "none")],                          "none"),
    ];
    for (env, styles) in table {
        let Some(app) = App::start(env).await else { return };
        assert_eq!(app.config().await["dd_trace_propagation_style"], styles);
    }
}

#[tokio::test]
async fn the_sample_rate_is_reported() {
    #[rustfmt::skip]
    let table: [(Env<'_>, Value); 3] = [
        (&[],                                Value::Null),
        (&[("DD_TRACE_SAMPLE_RATE", "0.5")], json!("0.5")),
        (&[("DD_TRACE_SAMPLE_RATE", "1.5")], Value::Null),
    ];
    for (env, rate) in table {
        let Some(app) = App::start(env).await else { return };
        assert_eq!(app.config().await["dd_trace_sample_rate"], rate, "{env:?}");
    }
}

#[tokio::test]
async fn the_rate_limit_is_reported() {
    for (env, limit) in [(&[][..], "100"), (&[("DD_TRACE_RATE_LIMIT", "1")], "1")] {
        let Some(app) = App::start(env).await else { return };
        assert_eq!(app.config().await["dd_trace_rate_limit"], limit);
    }
}

#[tokio::test]
async fn the_address_for_metrics_is_reported() {
    #[rustfmt::skip]
    let table: [(Env<'_>, &str, &str); 3] = [
        (&[("DD_AGENT_HOST", "localhost")],                                         "localhost",    "8125"),
        (&[("DD_AGENT_HOST", "localhost"), ("DD_DOGSTATSD_HOST", "192.168.10.1")],  "192.168.10.1", "8125"),
        (&[("DD_AGENT_HOST", "localhost"), ("DD_DOGSTATSD_PORT", "8150")],          "localhost",    "8150"),
    ];
    for (env, host, port) in table {
        let Some(app) = App::start(env).await else { return };
        let config = app.config().await;
        assert_eq!(
            (&config["dd_dogstatsd_host"], &config["dd_dogstatsd_port"]),
            (&json!(host), &json!(port))
        );
    }
}

#[tokio::test]
async fn bad_settings_warn_once_on_standard_error_and_stop_nothing() {
    let bad = [
        ("DD_TRACE_ENABLED", "perhaps"),
        ("DD_TRACE_PARTIAL_FLUSH_MIN_SPANS", "many"),
        ("DD_TRACE_PROPAGATION_STYLE", "jaeger"),
    ];
    let Some(app) = App::start(&bad).await else { return };
    app.hop(&[]).await;
    assert_eq!(app.spans().await.len(), 1);
    let output = app.end();
    for (variable, _) in bad {
        assert_eq!(output.matches(variable).count(), 1, "{variable} in {output}");
    }
}

#[tokio::test]
async fn good_settings_leave_standard_error_empty() {
    let environment = [("DD_SERVICE", "shop"), ("DD_TRACE_DEBUG", "false")];
    let Some(app) = App::start(&environment).await else { return };
    app.hop(&[]).await;
    assert_eq!(app.spans().await.len(), 1);
    assert_eq!(app.end(), "");
}
