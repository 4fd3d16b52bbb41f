//! Mistakes of a first hour: each is survived, or reported once, with its remedy.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use packdog_dev_agent::DevAgent;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program with this mistake. It ends once its standard input is dropped.
fn make(mistake: &str, agent_url: &str, is_enabled: bool) -> Child {
    Command::new(env!("CARGO_BIN_EXE_mistakes"))
        .arg(mistake)
        .env("DD_TRACE_AGENT_URL", agent_url)
        .env("DD_TRACE_ENABLED", is_enabled.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for a line on standard error, lets the program end, and returns all of its lines.
fn lines_of(mut program: Child) -> Vec<String> {
    let mut messages = BufReader::new(program.stderr.take().unwrap());
    let mut first = String::new();
    messages.read_line(&mut first).unwrap();
    drop(program.stdin.take());
    let others = messages.lines().map(|line| line.unwrap());
    let lines = [first.trim_end().to_owned()].into_iter().chain(others).collect();
    assert!(program.wait().unwrap().success());
    lines
}

#[test]
fn a_guard_that_is_dropped_at_once_stops_nothing() {
    let agent = DevAgent::start().unwrap();
    let mut program = make("guard", &agent.url(), true);
    // While it runs on: nothing but the tracer itself sends the span.
    let traces = agent.wait_for_spans_blocking(1, PATIENCE).unwrap();
    assert_eq!(traces[0].spans().next().unwrap().name, "late");
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
}

#[test]
fn a_layer_without_a_tracer_warns_once() {
    let lines = lines_of(make("init", "http://127.0.0.1:1", true));
    let [line] = lines.as_slice() else { panic!("{lines:#?}") };
    assert!(line.starts_with("packdog: requests pass through ServerTraceLayer, but no"), "{line}");
    assert!(line.contains("Call packdog::init() at the start of main"), "{line}");
}

#[test]
fn a_logger_of_the_application_gets_that_warning_too() {
    let lines = lines_of(make("logger", "http://127.0.0.1:1", true));
    let [line] = lines.as_slice() else { panic!("{lines:#?}") };
    assert!(
        line.starts_with("WARN packdog: requests pass through ServerTraceLayer, but"),
        "{line}"
    );
}

#[test]
fn a_handler_of_a_route_without_a_layer_warns_once() {
    let agent = DevAgent::start().unwrap();
    let lines = lines_of(make("route", &agent.url(), true));
    let [line] = lines.as_slice() else { panic!("{lines:#?}") };
    let start = "packdog: ActiveSpan found no span in the handler of \"/users/{id}\": no ";
    assert!(line.starts_with(start) && line.ends_with("call it last."), "{line}");
}

#[test]
fn a_layer_that_is_turned_off_writes_nothing() {
    let mut program = make("off", "http://127.0.0.1:1", false);
    drop(program.stdin.take());
    let output = program.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "forgotten: false\n");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn baggage_outside_of_the_layer_names_the_place_and_the_likely_cause() {
    let agent = DevAgent::start().unwrap();
    let lines = lines_of(make("order", &agent.url(), true));
    let [line] = lines.as_slice() else { panic!("{lines:#?}") };
    let program = include_str!("../src/bin/mistakes.rs");
    let place = program.lines().position(|line| line.contains(".baggage().set(")).unwrap() + 1;
    assert!(
        line.starts_with("packdog: baggage was set while no span was current, at ")
            && line.contains(&format!("src/bin/mistakes.rs:{place}:"))
            && line.contains("in axum, add ServerTraceLayer after the middleware"),
        "{line}"
    );
}
