//! The example `shop`, run as in its instructions: an order is one trace of all four services, in the Agent and in the logs.
//!
//! A test beside the example holds the tags as well.

use std::time::Duration;

use packdog_dev_agent::DevAgent;

use crate::example::{lines, run};

/// Far longer than spans ever take to arrive once the example has ended.
const PATIENCE: Duration = Duration::from_secs(30);

const PICTURE: &str = "\
http.request  POST /orders  200  kind=server  service=gateway
├─ price
├─ reserve
│  ├─ http.request  GET  503  kind=client
│  │  └─ http.request  GET /stock/{item}  503  error=503  kind=server  service=stock
│  └─ http.request  GET  204  kind=client
│     └─ http.request  GET /stock/{item}  204  kind=server  service=stock
│        └─ take
├─ charge
│  └─ grpc.client  /shop.Cashier/Charge  kind=client
│     └─ grpc.server  /shop.Cashier/Charge  kind=server  service=cashier
│        └─ open_till
└─ queue.send  parcels  kind=producer
   └─ queue.process  parcels  kind=consumer  service=worker
      └─ pack";

#[tokio::test]
async fn an_order_is_one_trace_of_four_services_and_its_logs_have_its_id() {
    let agent = DevAgent::start().unwrap();
    let output = run(&["shop", "--", "--once"], &agent.url()).await;
    let traces = agent.wait_for_spans(15, PATIENCE).await.unwrap();
    let [trace] = traces.as_slice() else { panic!("not one trace: {traces:?}") };
    assert_eq!(trace.picture(), PICTURE);

    let lines = lines(&output);
    let logged = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!(logged(" INFO "), 4, "{lines:#?}");
    assert_eq!(logged(&format!("dd.trace_id={:032x} ", trace.trace_id)), 4, "{lines:#?}");
    assert!(lines.iter().any(|line| line == "the receipt: customer 7 paid 12"), "{lines:#?}");
}
