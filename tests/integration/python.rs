//! A Python service under ddtrace calls ours, which calls it back: one trace, and baggage both ways.
//!
//! ```text
//! test ──▶ python ──▶ rust ──▶ python        both ──▶ ddapm-test-agent
//! ```

use std::collections::BTreeMap;

use packdog_tests::{
    peers::{Hop, HopReply, PeerService, TestAgent, picture},
    rust_service::{RustService, send_hop},
};

#[tokio::test]
async fn python_calls_rust_and_rust_calls_python_back_in_one_trace() {
    let Some(agent) = TestAgent::start().await else { return };
    let Some(python) = PeerService::python("python").agent(&agent).start().await else { return };
    let rust = RustService::start("rust", agent.url(), |config| config);

    let back = Hop::default();
    let there = Hop::default()
        .with_baggage("from.rust", "Grüße, Hund 🐕")
        .without_baggage("removed")
        .with_next(python.hop_url(), back);
    let hop = Hop::default()
        .with_baggage("from.python", "a=b; c")
        .with_baggage("removed", "in Rust")
        .with_next(rust.hop_url(), there);
    let first = send_hop(&python.hop_url(), &[], &hop).await;
    let second = &first.replies[0];
    let third = &second.replies[0];

    let items = |items: &[(&str, &str)]| -> BTreeMap<String, String> {
        items.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    assert_eq!(second.baggage, items(&[("from.python", "a=b; c"), ("removed", "in Rust")]));
    assert_eq!(third.baggage, items(&[("from.python", "a=b; c"), ("from.rust", "Grüße, Hund 🐕")]));
    let trace_ids = [&first, second, third].map(|reply: &HopReply| reply.trace_id.as_str());
    assert_eq!(trace_ids, [first.trace_id.as_str(); 3]);

    rust.flush().await;
    let traces = agent.wait_for_spans(5).await;
    let [spans] = traces.as_slice() else { panic!("not one trace: {traces:?}") };
    let expected = "\
starlette.request  POST /hop  200  kind=server  service=python
└─ http.request  200  kind=client
   └─ http.request  POST /hop  200  kind=server  service=rust
      └─ http.request  POST  200  kind=client
         └─ starlette.request  POST /hop  200  kind=server  service=python
";
    assert_eq!(picture(spans), expected);
    agent.assert_no_failed_checks().await;
}
