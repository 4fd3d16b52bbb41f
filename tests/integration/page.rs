//! The page of the dev agent in a real browser, with traces of a real tracer.

use std::time::Duration;

use packdog::{Config, span::SpanLink};
use packdog_dev_agent::DevAgent;
use packdog_tests::peers::walk_through_page;

/// A timeout for things that happen at once unless something is broken.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_page_can_be_walked_through_in_a_browser() {
    let agent = DevAgent::start().unwrap();
    let config = Config::new().with_service("shop");
    let packdog = config.with_agent_url(agent.url()).build().unwrap();
    let visit = packdog.tracer().span("shop.visit").start();
    let link = SpanLink::to(&visit.context()).unwrap();
    visit.finish();

    let order = packdog.tracer().span("shop.order").resource("POST /orders").link(link).start();
    order.manual_keep();
    order.child("stock.check").start().finish();
    let pay = order.child("order.pay").service("cashier").tag("baggage.user.id", "7").start();
    pay.set_error_parts("Refused", "no change", None);
    pay.child("till.open").start().finish();
    pay.finish();
    order.finish();
    packdog.flush(PATIENCE);
    agent.wait_for_spans_blocking(5, PATIENCE).unwrap();
    refused_request(&agent);

    walk_through_page(&agent.url()).unwrap();
}

/// Sends a payload that the Agent must refuse.
fn refused_request(agent: &DevAgent) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client.put(format!("{}/v0.4/traces", agent.url())).body("no msgpack").send();
    assert_eq!(runtime.block_on(sent).unwrap().status(), 415);
}
