//! Streams that carry a span.

use packdog::{current_span, scope::StreamInSpanExt, span, test_util::collect};
use tokio_stream::{StreamExt, iter};

#[tokio::test]
async fn a_stream_is_in_its_span_while_polled_and_its_consumer_is_not() {
    let (collector, _scope) = collect();
    let read = |order: u32| span("order.read").tag("order", order).in_scope(|_| order);
    let mut orders = StreamInSpanExt::in_span(iter([1, 2]).map(read), span("orders"));
    let mut sum = 0;
    while let Some(order) = orders.next().await {
        assert!(current_span().is_nothing());
        sum += order;
    }
    assert_eq!(sum, 3);
    collector.assert_all_finished(); // The stream owns the span, and has ended.
    let expected = "\
orders  service=test
├─ order.read  order=1
└─ order.read  order=2
";
    assert_eq!(collector.picture_with_tags(&["order"]), expected);
}

#[tokio::test]
async fn a_stream_that_is_dropped_early_finishes_its_span() {
    let (collector, _scope) = collect();
    let mut orders = iter([1, 2]).in_span(span("orders"));
    assert_eq!(orders.next().await, Some(1));
    assert_eq!(collector.unfinished().len(), 1);
    drop(orders);
    collector.assert_all_finished();
}
