//! Lines that a tracer writes to standard error when it starts, and the first arrival of spans.
//!
//! The cases are those of the suite's `test_startup_logs`; the lines are those of
//! [Datadog, tracer startup logs](https://docs.datadoghq.com/tracing/troubleshooting/tracer_startup_logs/).

use serde_json::Value;

use crate::harness::{App, Env};

const CONFIGURATION: &str = "DATADOG TRACER CONFIGURATION - ";
const DIAGNOSTIC: &str = "DATADOG TRACER DIAGNOSTIC - Agent Error: ";

/// The output of a server with these variables after one request.
async fn written(environment: Env<'_>) -> Option<String> {
    let app = App::start(environment).await?;
    let span = app.span("operation").await;
    app.finish(span).await;
    app.get("/trace/agent/ensure_agent_info", Value::Null).await;
    app.call("POST", "/trace/span/flush", Value::Null).await;
    Some(app.end())
}

/// The only line with the configuration.
fn configuration(written: &str) -> Value {
    let lines: Vec<_> = written.lines().filter_map(|line| line.split_once(CONFIGURATION)).collect();
    let [(_, json)] = lines[..] else { panic!("{written}") };
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn the_line_is_written_if_it_is_asked_for_and_not_otherwise() {
    for (environment, is_written) in [
        (&[("DD_TRACE_STARTUP_LOGS", "true")][..], true),
        (&[("DD_TRACE_STARTUP_LOGS", "1"), ("DD_LOG_LEVEL", "off")], true),
        (&[("DD_TRACE_STARTUP_LOGS", "false")], false),
        (&[], false),
    ] {
        let Some(written) = written(environment).await else { return };
        assert_eq!(written.contains(CONFIGURATION), is_written, "{environment:?}: {written}");
        assert!(!written.contains(DIAGNOSTIC), "{written}");
    }
}

#[tokio::test]
async fn the_line_has_the_settings_and_an_agent_that_responds() {
    let environment = [
        ("DD_TRACE_STARTUP_LOGS", "true"),
        ("DD_SERVICE", "shop"),
        ("DD_ENV", "prod"),
        ("DD_VERSION", "5.2.0"),
        ("DD_TAGS", "team:a"),
        ("DD_TRACE_SAMPLE_RATE", "0.5"),
        ("DD_GIT_REPOSITORY_URL", "https://user:hunter2@example.com/shop"),
    ];
    let Some(written) = written(&environment).await else { return };
    let line = configuration(&written);
    #[rustfmt::skip]
    let table = [
        ("lang",                       "rust"),
        ("service",                    "shop"),
        ("env",                        "prod"),
        ("dd_version",                 "5.2.0"),
        ("tags",                       "team:a"),
        ("sample_rate",                "0.5"),
        ("propagation_style_extract",  "datadog,tracecontext,baggage"),
        ("agent_error",                ""),
    ];
    for (key, value) in table {
        assert_eq!(line[key], value, "{key}");
    }
    assert!(line["agent_url"].as_str().unwrap().starts_with("http://"));
    assert_eq!(line["settings"]["DD_SERVICE"]["source"], "environment");
    assert_eq!(line["settings"]["DD_TRACE_RATE_LIMIT"]["source"], "default");
    assert!(!written.contains("hunter2"), "{written}");
}

#[tokio::test]
async fn an_agent_that_cannot_be_reached_is_named() {
    let environment =
        [("DD_TRACE_STARTUP_LOGS", "true"), ("DD_TRACE_AGENT_URL", "http://127.0.0.1:1")];
    let Some(written) = written(&environment).await else { return };
    let error = "the Datadog Agent at http://127.0.0.1:1 cannot be reached";
    assert_eq!(configuration(&written)["agent_error"], error);
    assert!(written.contains(&format!("{DIAGNOSTIC}{error}")), "{written}");
}

#[tokio::test]
async fn tracing_that_is_off_logs_its_settings_too() {
    let environment = [
        ("DD_TRACE_STARTUP_LOGS", "true"),
        ("DD_TRACE_ENABLED", "false"),
        ("DD_TRACE_RATE_LIMIT", "many"),
    ];
    let Some(written) = written(&environment).await else { return };
    assert_eq!(configuration(&written)["enabled"], false);
    assert!(written.contains("DD_TRACE_RATE_LIMIT \"many\""), "{written}");
}

#[tokio::test]
async fn the_first_arrival_of_spans_is_written_where_debugging_is_on() {
    let arrived = |written: &str| written.matches("the first 1 span arrived at http://").count();
    for (debug, expected) in [("true", 1), ("false", 0)] {
        let Some(written) = written(&[("DD_TRACE_DEBUG", debug)]).await else { return };
        assert_eq!(arrived(&written), expected, "{debug}: {written}");
    }
}

#[tokio::test]
async fn messages_are_lines_of_json_if_that_is_asked_for() {
    let environment =
        [("PACKDOG_LOG_FORMAT", "json"), ("DD_TRACE_DEBUG", "false"), ("DD_SERIVCE", "shop")];
    let Some(written) = written(&environment).await else { return };
    let line: Value = serde_json::from_str(&written).unwrap();
    assert_eq!((&line["level"], &line["target"]), (&"warn".into(), &"packdog".into()));
    let message = line["message"].as_str().unwrap();
    assert_eq!(message, "DD_SERIVCE is unknown and has no effect. Did you mean DD_SERVICE?");
}
