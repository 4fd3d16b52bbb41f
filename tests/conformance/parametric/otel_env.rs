//! Variables of OpenTelemetry as they show in `/trace/config`.
//!
//! Each case is one of the suite's `test_otel_env_vars`; the rules are those of
//! [Datadog, OpenTelemetry environment variables](https://docs.datadoghq.com/opentelemetry/config/environment_variable_support/).

use serde_json::Value;

use crate::harness::{App, Env};

/// The settings that a server with these variables, and none of the suite's own, has.
async fn config(environment: Env<'_>) -> Option<Value> {
    let app = App::start_without(&["DD_TRACE_DEBUG", "DD_TRACE_OTEL_ENABLED"], environment).await?;
    Some(app.get("/trace/config", Value::Null).await["config"].take())
}

fn rate(config: &Value) -> f64 {
    config["dd_trace_sample_rate"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn variables_of_datadog_win() {
    let environment = [
        ("DD_SERVICE", "service"),
        ("OTEL_SERVICE_NAME", "otel_service"),
        ("DD_TRACE_LOG_LEVEL", "error"),
        ("DD_LOG_LEVEL", "error"),
        ("OTEL_LOG_LEVEL", "debug"),
        ("DD_TRACE_SAMPLE_RATE", "0.5"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.1"),
        ("DD_TRACE_ENABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_METRICS_EXPORTER", "none"),
        ("DD_TAGS", "foo:bar,baz:qux"),
        ("OTEL_RESOURCE_ATTRIBUTES", "foo=otel_bar,baz=otel_qux"),
        ("DD_TRACE_PROPAGATION_STYLE", "b3"),
        ("OTEL_PROPAGATORS", "datadog"),
        ("DD_TRACE_OTEL_ENABLED", "true"),
        ("OTEL_SDK_DISABLED", "true"),
    ];
    let Some(config) = config(&environment).await else { return };
    #[rustfmt::skip]
    let table = [
        ("dd_service",                  "service"),
        ("dd_log_level",                "error"),
        ("dd_trace_enabled",            "true"),
        ("dd_tags",                     "foo:bar,baz:qux"),
        ("dd_trace_propagation_style",  "b3"),
        ("dd_trace_otel_enabled",       "true"),
    ];
    for (key, value) in table {
        assert_eq!(config[key], value, "{key}");
    }
    assert_eq!(rate(&config), 0.5);
}

#[tokio::test]
async fn variables_of_opentelemetry_count_where_none_of_datadog_is_set() {
    let environment = [
        ("OTEL_SERVICE_NAME", "otel_service"),
        ("OTEL_LOG_LEVEL", "error"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.1"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_RESOURCE_ATTRIBUTES", "foo=bar1,baz=qux1"),
        ("OTEL_PROPAGATORS", "b3,datadog"),
        ("OTEL_SDK_DISABLED", "true"),
    ];
    let Some(config) = config(&environment).await else { return };
    #[rustfmt::skip]
    let table = [
        ("dd_service",                  "otel_service"),
        ("dd_log_level",                "error"),
        ("dd_trace_enabled",            "false"),
        ("dd_runtime_metrics_enabled",  "false"),
        ("dd_tags",                     "foo:bar1,baz:qux1"),
        ("dd_trace_propagation_style",  "b3,datadog"),
        ("dd_trace_otel_enabled",       "false"),
        ("dd_trace_debug",              "false"),
    ];
    for (key, value) in table {
        assert_eq!(config[key], value, "{key}");
    }
    assert_eq!(rate(&config), 0.1);
}

#[tokio::test]
async fn resource_attributes_name_service_environment_and_version() {
    let attributes =
        "deployment.environment=test1,service.name=test2,service.version=5,foo=bar1,baz=qux1";
    let Some(config) = config(&[("OTEL_RESOURCE_ATTRIBUTES", attributes)]).await else { return };
    assert_eq!(config["dd_service"], "test2");
    assert_eq!(config["dd_env"], "test1");
    assert_eq!(config["dd_version"], "5");
    assert_eq!(config["dd_tags"], "foo:bar1,baz:qux1");
}

#[tokio::test]
async fn samplers_are_rates() {
    #[rustfmt::skip]
    let table = [
        ("always_on",                 None,         1.0),
        ("always_off",                None,         0.0),
        ("traceidratio",              Some("0.1"),  0.1),
        ("parentbased_always_on",     None,         1.0),
        ("parentbased_always_off",    None,         0.0),
        ("parentbased_traceidratio",  Some("0.1"),  0.1),
    ];
    for (sampler, argument, expected) in table {
        let mut environment = vec![("OTEL_TRACES_SAMPLER", sampler)];
        environment.extend(argument.map(|argument| ("OTEL_TRACES_SAMPLER_ARG", argument)));
        let Some(config) = config(&environment).await else { return };
        assert_eq!(rate(&config), expected, "{sampler}");
    }
}

#[tokio::test]
async fn the_level_debug_is_debugging() {
    let Some(config) = config(&[("OTEL_LOG_LEVEL", "debug")]).await else { return };
    assert_eq!(config["dd_trace_debug"], "true");
}
