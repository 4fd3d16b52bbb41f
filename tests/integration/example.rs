//! The example `baggage`, run as in its instructions: five spans of three services make one trace, at any Agent.
//!
//! ```text
//! cargo run --bin baggage        initiator ──▶ service one ──▶ service two        all ──▶ the Agent that is configured
//! ```

use std::{ffi::OsStr, process::Output, time::Duration};

use packdog_dev_agent::DevAgent;
use packdog_tests::peers::{TestAgent, picture};
use tokio::{net::TcpSocket, process::Command};

/// Far longer than spans ever take to arrive once the example has ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// The output of the three services, step by step.
const STEPS: [&str; 11] = [
    "localhost        gets baggage: yes, with *.example.com listed: yes",
    "api.example.com  gets baggage: no, with *.example.com listed: yes",
    "example.org      gets baggage: no, with *.example.com listed: no",
    "169.254.169.254  gets baggage: no, with *.example.com listed: no",
    "initiator    sets key3, so that it has key3=value3",
    "service one  received key3=value3",
    "service one  sets key1 and key2, so that it has key3=value3, key1=value1, key2=value2",
    "service one  removes key1, so that it sends key3=value3, key2=value2",
    "service two  received key3=value3, key2=value2",
    "service one  removes all, so that it has nothing",
    r#"initiator    learns that service two received {"key2":"value2","key3":"value3"}"#,
];

/// The trace as the dev-agent draws it.
const TREE: &str = "\
initiator.start  service=initiator
└─ http.request  POST  200  kind=client
   └─ http.request  POST /send  200  kind=server  service=service-one
      └─ http.request  POST  200  kind=client
         └─ http.request  POST /receive  200  kind=server  service=service-two";

#[tokio::test]
async fn one_trace_of_three_services_reaches_the_test_agent_of_datadog() {
    let Some(agent) = TestAgent::start().await else { return };
    let lines = lines(&run(&["baggage"], agent.url()).await);
    let traces = agent.wait_for_spans(5).await;
    let [spans] = traces.as_slice() else { panic!("not one trace: {traces:?}") };
    let expected = "\
initiator.start  service=initiator
└─ http.request  POST  200  kind=client
   └─ http.request  POST /send  200  kind=server  service=service-one
      └─ http.request  POST  200  kind=client
         └─ http.request  POST /receive  200  kind=server  service=service-two
";
    assert_eq!(picture(spans), expected);
    // One chunk of each service, so the high half of the id is sent three times.
    let high: Vec<_> = spans.iter().filter_map(|span| span.tag("_dd.p.tid")).collect();
    assert_eq!(high.len(), 3);
    let trace_id = format!("{}{:016x}", high[0], spans[0].trace_id);
    assert_lists_steps_and_trace(&lines, agent.url(), &trace_id);
    assert!(high.iter().all(|half| *half == high[0]), "{high:?}");
    agent.assert_no_failed_checks().await;
}

#[tokio::test]
async fn one_trace_of_three_services_reaches_an_agent_for_development() {
    let agent = DevAgent::start().unwrap();
    let lines = lines(&run(&["baggage"], &agent.url()).await);
    let traces = agent.wait_for_spans(5, PATIENCE).await.unwrap();
    let [trace] = traces.as_slice() else { panic!("not one trace: {traces:?}") };
    assert_eq!(trace.picture(), TREE);
    assert_lists_steps_and_trace(&lines, &agent.url(), &format!("{:032x}", trace.trace_id));
}

#[tokio::test]
async fn without_an_agent_the_example_draws_the_trace_itself() {
    // Bound and not listening: connections are refused, and no other process can listen here meanwhile.
    let unused = TcpSocket::new_v4().unwrap();
    unused.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", unused.local_addr().unwrap());
    let lines = lines(&run(&["baggage"], &url).await);
    let [announced, rest @ ..] = lines.as_slice() else { panic!("it prints nothing") };
    let announcement = format!("no Datadog Agent at {url}: using an embedded one, http://");
    assert!(announced.starts_with(&announcement), "{announced}");
    let expected = STEPS.into_iter().chain(["", "the trace:"]).chain(TREE.lines());
    assert_eq!(rest, expected.collect::<Vec<_>>());
}

#[track_caller]
fn assert_lists_steps_and_trace(lines: &[String], agent: &str, trace_id: &str) {
    let last = format!("the trace is at {agent}/trace/{trace_id}");
    let expected = STEPS.into_iter().chain(["", last.as_str()]);
    assert_eq!(lines, expected.collect::<Vec<_>>());
}

/// Runs the README's command for an example to its end.
pub(super) async fn run(example: &[&str], agent_url: &str) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--bin"]).args(example);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    for (name, _) in std::env::vars_os().filter(|(name, _)| changes_the_test(name)) {
        command.env_remove(name);
    }
    command.env("DD_TRACE_AGENT_URL", agent_url).kill_on_drop(true).output().await.unwrap()
}

/// Settings of the developer's environment, for packdog and for HTTP clients.
fn changes_the_test(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    name.starts_with("DD_") || name.starts_with("OTEL_") || name.ends_with("_PROXY")
}

/// Its output, if it succeeded without a complaint.
#[track_caller]
pub(super) fn lines(output: &Output) -> Vec<String> {
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complaints}", output.status);
    assert!(!complaints.contains("packdog:"), "{complaints}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
