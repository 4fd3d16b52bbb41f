//! The example `reqwest_client`, run as in its instructions: the headers that each host received, and the spans.

use tokio::process::Command;

const RECEIVED: [&str; 3] = [
    "  received traceparent, baggage tenant.id=acme",
    "  received traceparent",
    "  received nothing",
];

#[tokio::test]
async fn the_example_gives_each_host_the_headers_that_it_may_have() {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--bin", "reqwest_client"]);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    // Settings of the developer's environment.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["DD_", "OTEL_", "PACKDOG_"].iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    let output = command.kill_on_drop(true).output().await.unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complaints}", output.status);
    let printed = String::from_utf8_lossy(&output.stdout);
    let received = printed.lines().filter(|line| line.starts_with("  received"));
    assert_eq!(received.collect::<Vec<_>>(), RECEIVED);
    assert!(printed.contains("GET /ingredients/{id}  200  kind=client"), "{printed}");
    let spans = printed.lines().filter(|line| line.contains("http.request"));
    assert_eq!(spans.count(), RECEIVED.len(), "{printed}");
}
