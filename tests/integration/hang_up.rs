//! A client that hangs up: the future of its request is dropped, and the spans reach the Agent all the same.
//!
//! ```text
//! test ──✗──▶ service under packdog ──call──▶ a listener that never responds
//! ```

use std::time::Duration;

use packdog_dev_agent::DevAgent;
use packdog_tests::{
    peers::Hop,
    rust_service::{RustService, send_hop},
};
use tokio::net::TcpListener;

/// Far longer than spans ever take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn spans_of_a_dropped_request_and_of_its_call_arrive_tagged() {
    let agent = DevAgent::start().unwrap();
    let service = RustService::start("users", &agent.url(), |config| config);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hop = Hop::default()
        .with_tag("handler", "began")
        .with_next(format!("http://{}/", silent.local_addr().unwrap()), Hop::default());

    let url = service.hop_url();
    let client = tokio::spawn(async move { send_hop(&url, &[], &hop).await });
    let (_connection, _) = silent.accept().await.unwrap();
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());

    let traces = agent.wait_for_spans(2, PATIENCE).await.unwrap();
    let [trace] = traces.as_slice() else { panic!("not one trace: {traces:?}") };
    let expected = "\
http.request  POST /hop  kind=server  service=users
└─ http.request  POST  kind=client";
    assert_eq!(trace.picture(), expected);
    for span in trace.spans() {
        assert_eq!(span.meta["http.request.cancelled"], "true", "{span:?}");
        assert_eq!(span.meta["http.request.cancelled_in"], "head", "{span:?}");
        assert_eq!(span.error, 0, "{span:?}");
    }
    assert_eq!(trace.spans().filter(|span| span.meta.contains_key("handler")).count(), 1);
}
