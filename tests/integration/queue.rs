//! The recipe `queues` with a real client and a real server: trace and baggage travel in the headers of messages.

use async_nats::{Client, HeaderMap, Message, PublishError};
use packdog::{
    propagation::{self, carrier::Carrier},
    span,
    span::SpanKind,
    test_util::{assert_picture, collect},
};
use packdog_tests::peers::NatsServer;
use tokio_stream::StreamExt;

/// The headers of a received message.
struct Received<'a>(&'a HeaderMap);

impl Carrier for Received<'_> {
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        for (name, values) in self.0.iter() {
            for value in values {
                visit(name.as_ref(), value.as_ref());
            }
        }
    }
}

fn trace_headers() -> HeaderMap {
    let mut pairs = Vec::new();
    propagation::inject(&mut pairs);
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(name, value);
    }
    headers
}

async fn send(client: &Client, body: &'static str) -> Result<(), PublishError> {
    span("nats.publish")
        .resource("orders")
        .kind(SpanKind::Producer)
        .tag("messaging.system", "nats")
        .tag("messaging.destination.name", "orders")
        .in_async_scope(async |_| {
            let headers = trace_headers();
            client.publish_with_headers("orders", headers, body.into()).await
        })
        .await
}

fn receive(message: &Message) -> Option<String> {
    let no_headers = HeaderMap::new();
    let headers = message.headers.as_ref().unwrap_or(&no_headers);
    span("nats.process")
        .service("kitchen")
        .resource(message.subject.to_string())
        .span_type("worker")
        .kind(SpanKind::Consumer)
        .tag("messaging.system", "nats")
        .tag("messaging.destination.name", message.subject.to_string())
        .child_of(propagation::extract(&Received(headers)))
        .in_scope(|span| span.baggage().get("plan").map(|plan| plan.to_string()))
}

#[tokio::test]
async fn a_message_carries_trace_and_baggage_through_a_queue() {
    let Some(server) = NatsServer::start().await else { return };
    let (collector, _scope) = collect();
    let client = async_nats::connect(server.url()).await.unwrap();
    let mut orders = client.subscribe("orders").await.unwrap();
    span("order.take")
        .in_async_scope(async |span| {
            span.baggage().set("plan", "pro, 100 %");
            send(&client, "club").await.unwrap();
        })
        .await;
    let message = orders.next().await.unwrap();
    assert_eq!(&*message.payload, b"club");
    assert_eq!(receive(&message).as_deref(), Some("pro, 100 %"));
    assert_picture!(
        collector,
        "
        order.take  service=test
        └─ nats.publish  orders  kind=producer
           └─ nats.process  orders  kind=consumer  service=kitchen
        "
    );
}

#[tokio::test]
async fn a_message_without_headers_begins_a_trace() {
    let Some(server) = NatsServer::start().await else { return };
    let (collector, _scope) = collect();
    let client = async_nats::connect(server.url()).await.unwrap();
    let mut orders = client.subscribe("orders").await.unwrap();
    client.publish("orders", "club".into()).await.unwrap();
    assert_eq!(receive(&orders.next().await.unwrap()), None);
    assert_eq!(collector.only_span().parent_id, None);
}
