//! The shop over real sockets, with one collector for all of its services.

use packdog::test_util::{assert_picture, collect};
use tracing_subscriber::{prelude::*, registry};

use crate::services::{SPANS, Shop};

#[tokio::test]
async fn one_order_is_one_trace_of_all_four_services() {
    let _subscriber = registry().with(packdog::tracing::layer()).set_default();
    let (collector, _scope) = collect();
    let shop = Shop::open().await.unwrap();
    assert_eq!(shop.order("club").await.unwrap(), "customer 7 paid 12");
    shop.wait_until_packed().await;

    collector.wait_for_spans(SPANS).await;
    assert_picture!(
        collector,
        ["http.retry_count", "baggage.user.id"],
        "
        http.request  POST /orders  200  kind=server  service=gateway
        ├─ price
        ├─ reserve
        │  ├─ http.request  GET  503  kind=client
        │  │  └─ http.request  GET /stock/{item}  503  error=503  kind=server  service=stock  baggage.user.id=7
        │  └─ http.request  GET  204  kind=client  http.retry_count=1
        │     └─ http.request  GET /stock/{item}  204  kind=server  service=stock  baggage.user.id=7
        │        └─ take
        ├─ charge
        │  └─ grpc.client  /shop.Cashier/Charge  kind=client
        │     └─ grpc.server  /shop.Cashier/Charge  kind=server  service=cashier  baggage.user.id=7
        │        └─ open_till
        └─ queue.send  parcels  kind=producer
           └─ queue.process  parcels  kind=consumer  service=worker  baggage.user.id=7
              └─ pack
        "
    );
    collector.assert_all_finished();
}
