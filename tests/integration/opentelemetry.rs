//! The example `from_opentelemetry`, run as in its instructions: each step of the move is one trace.
//!
//! ```text
//! cargo run --bin from_opentelemetry -- 1    opentelemetry-instrumentation-tower, as its authors published it
//! ```

use std::time::Duration;

use packdog_dev_agent::DevAgent;

use crate::example::{lines, run};

/// Far longer than spans ever take to arrive once the example has ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs one step, and returns its trace as the dev-agent draws it.
async fn step(step: &str) -> String {
    let agent = DevAgent::start().unwrap();
    let output = run(&["from_opentelemetry", "--", step], &agent.url()).await;
    assert_eq!(lines(&output), ["rye bread, baked at 230 degrees for the plan pro"]);
    let traces = agent.wait_for_spans(4, PATIENCE).await.unwrap();
    let [trace] = traces.as_slice() else { panic!("not one trace: {traces:?}") };
    trace.picture()
}

#[tokio::test]
async fn a_server_layer_that_others_instrumented_is_in_one_trace_with_our_spans() {
    let picture = "\
http.server.request  GET /breads/{kind}  200  kind=server  service=bakery
└─ internal  bread.bake  kind=internal
   └─ http.client.request  GET  200  kind=client
      └─ http.server.request  GET /oven  200  kind=server";
    assert_eq!(step("1").await, picture);
}

#[tokio::test]
async fn half_moved_both_apis_are_in_one_trace() {
    let picture = "\
http.request  GET /breads/{kind}  200  kind=server  service=bakery
└─ internal  bread.bake  kind=internal
   └─ http.client.request  GET  200  kind=client
      └─ http.request  GET /oven  200  kind=server";
    assert_eq!(step("2").await, picture);
}

#[tokio::test]
async fn moved_the_trace_is_ours_alone() {
    let picture = "\
http.request  GET /breads/{kind}  200  kind=server  service=bakery
└─ bread.bake
   └─ http.request  GET  200  kind=client
      └─ http.request  GET /oven  200  kind=server";
    assert_eq!(step("3").await, picture);
}
